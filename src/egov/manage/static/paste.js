// What is pasted from Word, WPS, spreadsheets and other pages, brought to the house's own styles: headings, lists,
// tables, alignment and emphasis stay; fonts, colours, sizes and the programs' own marks go.
"use strict";
window.egovPaste = (() => {
  const SKIPPED = new Set(["STYLE", "SCRIPT", "META", "LINK", "XML", "TITLE", "HEAD", "NOSCRIPT", "TEMPLATE", "OBJECT", "IFRAME", "DEL", "SVG"]);
  const BLOCKS = "p,div,h1,h2,h3,h4,h5,h6,ul,ol,table,blockquote,section,article,main,header,pre,dl,figure,center";
  const MARKS = { B: "strong", STRONG: "strong", I: "em", EM: "em", U: "u", S: "s", STRIKE: "s", SUB: "sub", SUP: "sup" };
  const WIDE = "\\u2e80-\\u9fff\\uf900-\\ufaff\\uff00-\\uffef\\u3000-\\u303f";
  const BROKEN = new RegExp(`([${WIDE}])[ \\t]*\\r?\\n[ \\t]*(?=[${WIDE}])`, "g");
  const BULLET = /^[·•●○◦■□▪◆◇➢ØüvoO§\-–—*]$/;
  const NUMBER = /^[(（]?(\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.．)）、]?$/;

  const style = (node) => node.getAttribute?.("style") ?? "";
  const isOffice = (html) => /urn:schemas-microsoft-com:office|class="?Mso|mso-|ProgId|ksohtml|WPS Office/i.test(html);
  const make = (tag, ...children) => { const made = document.createElement(tag); made.append(...children); return made; };
  const isHidden = (node) => SKIPPED.has(node.nodeName.toUpperCase()) || /display:\s*none|mso-hide:\s*all/i.test(style(node));
  const isEmpty = (node) => !node.textContent.replace(/[\s\u00a0\u3000]/g, "") && !node.querySelector?.("img");

  return {
    isOffice,
    clean(html) {
      const source = new DOMParser().parseFromString(html, "text/html").body;
      const office = isOffice(html);
      const told = { pictures: 0 };
      const out = make("div");
      blocks(source, out, office, told);
      return { html: out.innerHTML, pictures: told.pictures };
    },
  };

  function blocks(parent, out, office, told) {
    let loose = null; // words that stand in no paragraph
    for (const node of parent.childNodes) {
      if (node.nodeType === Node.TEXT_NODE || (node.nodeType === Node.ELEMENT_NODE && !isHidden(node) && !node.matches(BLOCKS) && !node.querySelector(BLOCKS))) {
        loose ??= make("p");
        inline(node, loose, told);
        continue;
      }
      if (node.nodeType !== Node.ELEMENT_NODE || isHidden(node)) continue;
      settle(loose, out);
      loose = null;
      block(node, out, office, told);
    }
    settle(loose, out);
  }

  function settle(paragraph, out) {
    if (!paragraph || isEmpty(paragraph)) return;
    trim(paragraph);
    out.append(paragraph);
  }

  function block(node, out, office, told) {
    const tag = node.nodeName;
    if (tag === "TABLE") return table(node, out, told);
    if (tag === "UL" || tag === "OL") return settleList(list(node, office, told), out);
    if (tag === "BLOCKQUOTE") {
      const quote = make("blockquote");
      blocks(node, quote, office, told);
      if (!isEmpty(quote)) out.append(quote);
      return;
    }
    if (!/^(P|H[1-6]|PRE)$/.test(tag) && node.querySelector(BLOCKS)) return blocks(node, out, office, told);
    const item = /mso-list:\s*(?!ignore|none)[^;]*level(\d)/i.exec(style(node));
    if (item) return listed(node, Number(item[1]), out, told);
    paragraph(node, out, office, told);
  }

  function paragraph(node, out, office, told, before = "") {
    const level = headingLevel(node, office);
    const made = make(level ? `h${level}` : "p", before);
    inline(node, made, told);
    if (isEmpty(made)) return;
    const css = style(node), align = (/text-align:\s*(center|right)/i.exec(css)?.[1] ?? node.getAttribute("align") ?? "").toLowerCase();
    const indented = /^[\s\u00a0]*\u3000|^[\u00a0 ]{4}/.test(made.textContent) || /text-indent:\s*(?!0|-)[\d.]/i.test(css) || /mso-char-indent-count:\s*[1-9]/i.test(css);
    trim(made);
    if (/\bMsoTitle\b/.test(node.className)) made.className = "doc-title";
    else if (align === "center") made.className = "text-center";
    else if (align === "right") made.className = "text-end";
    else if (indented && !level) made.className = "text-indent";
    if (level) for (const bold of made.querySelectorAll("strong")) bold.replaceWith(...bold.childNodes);
    out.append(made);
  }

  function headingLevel(node, office) {
    const outline = /mso-outline-level:\s*([1-9])/i.exec(style(node))?.[1];
    const own = /^H([1-6])$/.exec(node.nodeName)?.[1];
    if (!outline && !own) return 0;
    // The page's title is the first level; Word's first heading becomes the second.
    return Math.min(4, Math.max(2, Number(own ?? outline) + (office ? 1 : 0)));
  }

  function inline(node, out, told) {
    if (node.nodeType === Node.TEXT_NODE) {
      out.append(node.data.replace(BROKEN, "$1").replace(/[\r\n\t]+/g, " "));
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || isHidden(node) || /mso-list:\s*ignore/i.test(style(node))) return;
    if (node.nodeName === "BR") { out.append(make("br")); return; }
    if (node.nodeName === "IMG") { picture(node, out, told); return; }
    let into = out;
    const css = style(node), wanted = new Set();
    const weight = /(?:^|;)\s*font-weight:\s*(\w+)/i.exec(css)?.[1];
    if (MARKS[node.nodeName] && !(weight && /normal|400/.test(weight))) wanted.add(MARKS[node.nodeName]);
    if (weight && /bold|[6-9]00/.test(weight)) wanted.add("strong");
    if (/(?:^|;)\s*font-style:\s*italic/i.test(css)) wanted.add("em");
    if (/vertical-align:\s*super/i.test(css)) wanted.add("sup");
    if (/vertical-align:\s*sub/i.test(css)) wanted.add("sub");
    const href = node.nodeName === "A" ? node.getAttribute("href") ?? "" : "";
    for (const mark of wanted) {
      if (node.textContent.trim() && !into.closest?.(mark)) { const made = make(mark); into.append(made); into = made; }
    }
    if (/^(https?:|mailto:|tel:|\/(?!\/))/i.test(href) && node.textContent.trim()) {
      const link = make("a");
      link.setAttribute("href", href);
      into.append(link);
      into = link;
    }
    for (const child of node.childNodes) inline(child, into, told);
  }

  function picture(node, out, told) {
    const address = node.getAttribute("src") ?? "";
    if (!address.startsWith("/-/file/")) { told.pictures += 1; return; }
    const made = make("img");
    made.setAttribute("src", address);
    if (node.hasAttribute("alt")) made.setAttribute("alt", node.getAttribute("alt"));
    out.append(made);
  }

  /* Word writes lists as paragraphs with a mark before them; Chinese numbering stays as it is written. */
  function listed(node, level, out, told) {
    const marker = [...node.querySelectorAll("[style]")].find((part) => /mso-list:\s*ignore/i.test(style(part)));
    const mark = marker?.textContent.replace(/[\s\u00a0]/g, "") ?? "";
    const isSymbol = Boolean(marker?.closest("[style*=Wingdings], [style*=Symbol]")); // a font in which letters are dots
    const kind = isSymbol || BULLET.test(mark) ? "ul" : NUMBER.test(mark) ? "ol" : "";
    if (!kind) return paragraph(node, out, true, told, mark);
    const item = make("li");
    inline(node, item, told);
    if (isEmpty(item)) return;
    trim(item);
    let into = out.lastElementChild;
    if (!into?.matches("ul,ol") || (level === 1 && into.localName !== kind)) {
      into = make(kind);
      out.append(into);
    }
    for (let depth = 1; depth < level; depth += 1) {
      const last = into.lastElementChild;
      if (!last) break;
      let inner = last.lastElementChild;
      if (!inner?.matches("ul,ol")) { inner = make(kind); last.append(inner); }
      into = inner;
    }
    into.append(item);
  }

  function list(node, office, told) {
    const made = make(node.nodeName.toLowerCase());
    for (const child of node.children) {
      if (child.nodeName === "LI") {
        const item = make("li");
        for (const part of child.childNodes) {
          if (part.nodeName === "UL" || part.nodeName === "OL") settleList(list(part, office, told), item);
          else inline(part, item, told);
        }
        trim(item);
        if (!isEmpty(item)) made.append(item);
      } else if (child.matches("ul,ol") && made.lastElementChild) {
        settleList(list(child, office, told), made.lastElementChild);
      }
    }
    return made;
  }

  function settleList(made, out) { if (made.children.length) out.append(made); }

  function table(node, out, told) {
    const rows = [...node.rows].filter((row) => !isHidden(row));
    const made = make("table"), body = make("tbody");
    rows.forEach((row, number) => {
      const cells = [...row.cells].filter((cell) => !isHidden(cell)).map((cell) => content(cell, told));
      if (!cells.length) return;
      const isHead = number === 0 && rows.length > 1 && cells.every(({ made: cell, source }) => isEmpty(cell) || source.nodeName === "TH" || row.parentNode.nodeName === "THEAD" || isBold(cell));
      const line = make("tr", ...cells.map(({ made: cell, source }) => isHead || source.nodeName === "TH" ? asHead(cell, isHead) : cell));
      if (isHead) made.append(make("thead", line)); else body.append(line);
    });
    if (body.children.length) made.append(body);
    if (!isEmpty(made)) out.append(made);
  }

  function content(source, told) {
    const made = make("td"), parts = source.querySelectorAll("p,div,li");
    for (const part of parts.length ? [...parts].filter((p) => !p.querySelector("p,div,li")) : [source]) {
      const line = make("p");
      inline(part, line, told);
      trim(line);
      if (isEmpty(line)) continue;
      if (made.childNodes.length) made.append(make("br"));
      made.append(...line.childNodes);
    }
    for (const name of ["colspan", "rowspan"]) if (source[name === "colspan" ? "colSpan" : "rowSpan"] > 1) made.setAttribute(name, source.getAttribute(name));
    return { made, source };
  }

  function isBold(cell) {
    const bold = [...cell.querySelectorAll("strong")].map((part) => part.textContent).join("");
    return bold.trim() !== "" && bold.replace(/\s/g, "") === cell.textContent.replace(/\s/g, "");
  }

  function asHead(cell, isColumn) {
    const head = make("th", ...cell.childNodes);
    for (const name of cell.getAttributeNames()) head.setAttribute(name, cell.getAttribute(name));
    head.setAttribute("scope", isColumn ? "col" : "row");
    for (const bold of head.querySelectorAll("strong")) bold.replaceWith(...bold.childNodes);
    return head;
  }

  function trim(made) {
    made.normalize();
    const texts = document.createTreeWalker(made, NodeFilter.SHOW_TEXT);
    const all = [];
    while (texts.nextNode()) all.push(texts.currentNode);
    if (!all.length) return;
    for (const text of all) text.data = text.data.replace(/\u00a0/g, " ").replace(/ {2,}/g, " ");
    all[0].data = all[0].data.replace(/^[\s\u3000]+/, "");
    all.at(-1).data = all.at(-1).data.replace(/[\s\u3000]+$/, "");
    while (made.lastChild?.nodeName === "BR") made.lastChild.remove();
  }
})();
