/**
 * Choosing and uploading files, for messages and for `file_input` elements.
 * @module
 */
import { button, make } from "./dom.js";
import { perform } from "./server.js";
import { showNotice } from "./notices.js";
import { state } from "./state.js";

const MAX_SIZE = 40; // MB, the limit of the control API
const names = new Map(); // of uploaded files, by id

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1] ?? "");
    reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
}

/** Upload a file, and return its id. */
export async function upload(file) {
  const id = await perform("upload", { user: state.user, name: file.name, content: await base64(file) });
  names.set(id, file.name);
  return id;
}

/** Return the files that are not too large, and show a notice for others. */
export function checkSize(files) {
  const [large] = [...files].filter((file) => file.size > MAX_SIZE * 2 ** 20);
  if (large) showNotice(`${large.name} is larger than ${MAX_SIZE} MB.`);
  return [...files].filter((file) => file.size <= MAX_SIZE * 2 ** 20);
}

/** Render file names, each with a button to remove it. */
export const chips = (fileNames, remove) =>
  fileNames.map((name, number) => make("li", {}, make("span", {}, `📄 ${name}`), button("✕", () => remove(number), { class: "icon", "aria-label": `Remove ${name}` })));

/** Render a `file_input`. Returns the element, and a function that returns the ids of its files. */
export function fileInput(element, { id, label }, initial) {
  const limit = element.max_files ?? 10;
  let ids = initial ?? [];
  const accept = element.filetypes?.map((type) => `.${type}`).join(",");
  const input = make("input", { type: "file", id, "aria-label": id ? undefined : label ?? "Files", multiple: limit > 1, accept });
  const list = make("ul", { class: "attached" });
  const made = make("div", {}, input, list);
  const show = () => {
    const remove = (number) => {
      ids = ids.filter((_, at) => at !== number);
      changed();
    };
    list.replaceChildren(...chips(ids.map((one) => names.get(one) ?? one), remove));
  };
  const changed = () => {
    show();
    made.dispatchEvent(new Event("change"));
  };
  input.addEventListener("change", async (event) => {
    event.stopPropagation(); // it changes once the files are uploaded
    const wrong = [...input.files].find((file) => accept && !accept.split(",").some((end) => file.name.toLowerCase().endsWith(end)));
    const chosen = checkSize(input.files);
    input.value = "";
    if (wrong) showNotice(`${wrong.name} has the wrong type; allowed: ${element.filetypes.join(", ")}.`);
    else if (ids.length + chosen.length > limit) showNotice(`At most ${limit} ${limit === 1 ? "file" : "files"} can be attached here.`);
    else {
      try {
        ids = [...ids, ...(await Promise.all(chosen.map(upload)))];
        changed();
      } catch (error) {
        showNotice(error.message);
      }
    }
  });
  show();
  return { made, reader: () => ids };
}
