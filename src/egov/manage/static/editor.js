// Turns the rich-text fields into editors; without it they stay plain text areas.
"use strict";
(() => {
  const form = document.querySelector("form.edit-form");
  const isEnglish = document.documentElement.lang === "en";
  const words = isEnglish
    ? { pictures: "Pictures are not pasted along. Put them in with the picture button.", first: "Write the title first, then put in pictures.", close: "Close", link: "Choose a page or file", image: "Choose a picture", failed: "The picture was not uploaded." }
    : { pictures: "粘贴的文字中有图片没有带过来，请用工具栏的“图片”按钮插入。", first: "请先写标题，再插入图片。", close: "关闭", link: "选择站内网页或文件", image: "选择图片", failed: "图片没有上传成功。" };

  const start = () => {
    if (!window.hugerte || !document.querySelector("textarea.rich")) return;
    window.hugerte.init({
      selector: "textarea.rich",
      language: isEnglish ? undefined : "zh-Hans",
      promotion: false,
      statusbar: false,
      branding: false,
      menubar: false,
      plugins: `lists link table autolink searchreplace fullscreen${form?.dataset.autosave ? " image" : ""}`,
      toolbar: "undo redo | blocks | bold italic | alignleft aligncenter alignright | bullist numlist | link image table | removeformat searchreplace fullscreen",
      toolbar_mode: "wrap",
      block_formats: "正文=p;标题=h2;小标题=h3;小小标题=h4",
      formats: {
        aligncenter: { selector: "p,h2,h3,td,th,table,figure", classes: "text-center" },
        alignright: { selector: "p,h2,h3,td,th,table,figure", classes: "text-end" },
        alignleft: { selector: "p,h2,h3,td,th,table,figure", classes: "text-start" },
      },
      content_css: "/static/manage/text.css",
      relative_urls: false,
      convert_urls: false,
      min_height: 420,
      link_default_target: "",
      link_target_list: false,
      link_title: false,
      table_default_attributes: {},
      table_default_styles: {},
      table_sizing_mode: "responsive",
      table_header_type: "sectionCells",
      table_appearance_options: false,
      table_advtab: false,
      table_cell_advtab: false,
      table_row_advtab: false,
      table_toolbar: "tablerowheader | tableinsertrowbefore tableinsertrowafter tabledeleterow | tableinsertcolbefore tableinsertcolafter tabledeletecol | tabledelete",
      a11y_advanced_options: true,
      image_dimensions: false,
      object_resizing: false,
      paste_data_images: true,
      automatic_uploads: true,
      images_upload_handler: upload,
      file_picker_types: "file image",
      file_picker_callback: (done, _value, meta) => choose(meta.filetype, done),
      setup: (editor) => {
        editor.on("input change undo redo", () => {
          if (editor.getContent() === editor.getElement().value) return;
          editor.save();
          editor.getElement().dispatchEvent(new Event("input", { bubbles: true }));
        });
        editor.on("init", () => window.hugerte.addI18n("zh-Hans", { "Browse links": words.link, "Browse files": words.image }));
        editor.on("paste", (event) => paste(editor, event));
        for (const keys of ["meta+s", "meta+13"]) {
          editor.addShortcut(keys, "", () => {
            const wanted = keys === "meta+s" ? "button[name=save]" : "button[name=submit], button[name=save]";
            form.requestSubmit(form.querySelector(wanted));
          });
        }
      },
    });
  };

  const paste = (editor, event) => {
    const data = event.clipboardData;
    const html = data?.getData("text/html");
    if (!html || data.types.includes("x-hugerte/html") || !window.egovPaste) return;
    event.preventDefault();
    const { html: clean, pictures } = window.egovPaste.clean(html);
    editor.insertContent(clean);
    if (pictures) editor.notificationManager.open({ text: words.pictures, type: "warning", timeout: 10_000 });
  };

  /* Pictures go into the draft at once, as files of the text. */
  const upload = async (blobInfo, progress) => {
    const desk = form?.desk;
    if (!desk) throw new Error(words.failed);
    if (!form.dataset.attach) await desk.keep();
    if (!form.dataset.attach) throw new Error(words.first);
    const blob = blobInfo.blob();
    const name = blobInfo.name ? blobInfo.filename() : `${Date.now()}.${blob.type.split("/")[1] ?? "png"}`;
    const facts = await form.attach("pictures", new File([blob], name, { type: blob.type }), { progress });
    return facts.added.url;
  };

  /* A page, a file or a picture of the site, chosen from what this person may see. */
  const choose = async (kind, done) => {
    const dialog = document.createElement("dialog");
    dialog.className = "chooser";
    dialog.setAttribute("aria-label", kind === "image" ? words.image : words.link);
    document.body.append(dialog);
    const show = async (query) => {
      const asked = new URLSearchParams(query);
      asked.set("kind", kind);
      if (form.dataset.item) asked.set("item", form.dataset.item);
      const answer = await fetch(`/manage/@@choose?${asked}`, { redirect: "manual" });
      if (!answer.ok) { dialog.close(); form.desk?.signedOut(); return; }
      dialog.innerHTML = await answer.text();
      dialog.querySelector("[autofocus]")?.focus();
    };
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      show(new FormData(event.target));
    });
    dialog.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.at) show({ at: button.dataset.at, page: button.dataset.page ?? "1" });
      if (button.dataset.url) {
        done(button.dataset.url, kind === "image" ? { alt: button.dataset.alt } : { text: button.dataset.title });
        dialog.close();
      }
      if (button.dataset.close) dialog.close();
    });
    await show({ at: form.dataset.place ?? "" });
    dialog.showModal();
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
