// Copies what a page needs out of node_modules into the package's static folder. No bundler: every
// library ships a minified file of its own, and a page loads only the ones it names.
//
// usage: node build.mjs <deform's static folder>
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const vendor = resolve(here, "../src/egov/web/static/vendor");
// Built beside the real folder and then renamed, so that a build that fails leaves no half of one.
const building = `${vendor}.building`;

const deformStatic = process.argv[2];
if (!deformStatic) {
  console.error("usage: node build.mjs <deform's static folder>");
  process.exit(2);
}

function copy(from, to) {
  const target = join(building, to);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(modules, from), target, { recursive: true });
}

function rewrite(source, to, change) {
  const target = join(building, to);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, change(readFileSync(source, "utf8")));
}

// The maps are not shipped; a browser's developer tools would ask for them and log a 404 on every page.
const withoutMap = (text) => text.replace(/\n\/[/*]# sourceMappingURL=.*$/, "\n");

function bootstrap() {
  for (const file of ["css/bootstrap.min.css", "js/bootstrap.bundle.min.js"]) {
    rewrite(join(modules, "bootstrap/dist", file), `bootstrap/${file.split("/")[1]}`, withoutMap);
  }
  copy("bootstrap/LICENSE", "bootstrap/LICENSE");
  copy("@popperjs/core/LICENSE.md", "bootstrap/LICENSE-popper.md"); // is inside the bundle
}

function icons() {
  copy("bootstrap-icons/font/bootstrap-icons.min.css", "bootstrap-icons/bootstrap-icons.min.css");
  copy("bootstrap-icons/font/fonts", "bootstrap-icons/fonts");
  // One icon without the font: <svg><use href="…/bootstrap-icons.svg#search"/></svg>
  copy("bootstrap-icons/bootstrap-icons.svg", "bootstrap-icons/bootstrap-icons.svg");
  copy("bootstrap-icons/LICENSE", "bootstrap-icons/LICENSE");
}

function scripts() {
  copy("jquery/dist/jquery.min.js", "jquery/jquery.min.js");
  copy("jquery/LICENSE.txt", "jquery/LICENSE.txt");
  rewrite(join(modules, "htmx.org/dist/htmx.min.js"), "htmx/htmx.min.js", withoutMap);
}

// Left out: emoticons, codesample, template, importcss and save, which an office page has no use for.
const editorPlugins = [
  "accordion", "advlist", "anchor", "autolink", "autoresize", "autosave", "charmap", "code",
  "directionality", "fullscreen", "help", "image", "insertdatetime", "link", "lists", "media",
  "nonbreaking", "pagebreak", "preview", "quickbars", "searchreplace", "table", "visualblocks",
  "visualchars", "wordcount",
];

function editor() {
  copy("hugerte/hugerte.min.js", "hugerte/hugerte.min.js");
  copy("hugerte/license.txt", "hugerte/license.txt");
  copy("hugerte/models/dom/model.min.js", "hugerte/models/dom/model.min.js");
  copy("hugerte/themes/silver/theme.min.js", "hugerte/themes/silver/theme.min.js");
  copy("hugerte/icons/default/icons.min.js", "hugerte/icons/default/icons.min.js");
  for (const file of ["skin.min.css", "skin.shadowdom.min.css", "content.min.css", "content.inline.min.css"]) {
    copy(`hugerte/skins/ui/oxide/${file}`, `hugerte/skins/ui/oxide/${file}`);
  }
  copy("hugerte/skins/content/default/content.min.css", "hugerte/skins/content/default/content.min.css");
  for (const name of editorPlugins) {
    copy(`hugerte/plugins/${name}/plugin.min.js`, `hugerte/plugins/${name}/plugin.min.js`);
  }
  editorInChinese();
}

// HugeRTE has no languages of its own. It is TinyMCE 6 under another name, and deform brings the MIT
// language file of TinyMCE 6; calling `hugerte` instead of `tinymce` is all it needs, so that
// `language: "zh-Hans"` finds langs/zh-Hans.js by itself and no page needs a `window.tinymce`.
function editorInChinese() {
  const tinymce = join(deformStatic, "tinymce");
  rewrite(join(tinymce, "langs/zh-Hans.js"), "hugerte/langs/zh-Hans.js", (text) => {
    if (!text.startsWith("tinymce.addI18n(")) throw new Error("deform's zh-Hans.js has another shape");
    return text.replace("tinymce.addI18n(", "hugerte.addI18n(");
  });
  rewrite(join(tinymce, "license.txt"), "hugerte/langs/license.txt", (text) => text);
  // The help plugin looks its keyboard page up by the editor's language, and knows ours as zh_CN.
  const keynav = "hugerte/plugins/help/js/i18n/keynav";
  copy(`${keynav}/en.js`, `${keynav}/en.js`);
  rewrite(join(modules, keynav, "zh_CN.js"), `${keynav}/zh-Hans.js`, (text) => text.replaceAll("zh_CN", "zh-Hans"));
}

rmSync(building, { recursive: true, force: true });
for (const part of [bootstrap, icons, scripts, editor]) part();
rmSync(vendor, { recursive: true, force: true });
renameSync(building, vendor);
