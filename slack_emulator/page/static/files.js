/**
 * Files of people: choosing, naming and uploading them, beside a message or in a `file_input`.
 * @module
 */
import { button, make } from "./dom.js";
import { act } from "./live.js";
import { tell } from "./notice.js";
import { state } from "./state.js";

const LARGEST = 40; // MB: what the control API takes, as base64
const named = new Map(); // names of uploaded files by id, for inputs that are drawn again

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1] ?? "");
    reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
}

/** Upload a file, and give its id. */
export async function upload(file) {
  const id = await act("upload", { user: state.user, name: file.name, content: await base64(file) });
  named.set(id, file.name);
  return id;
}

/** Leave out the files that are too large, and say so. */
export function fitting(files) {
  const [large] = [...files].filter((file) => file.size > LARGEST * 2 ** 20);
  if (large) tell(`${large.name} is larger than ${LARGEST} MB.`);
  return [...files].filter((file) => file.size <= LARGEST * 2 ** 20);
}

/** Draw names of files, each with a way to take it out again. */
export const chips = (names, remove) =>
  names.map((name, number) => make("li", {}, make("span", {}, `📄 ${name}`), button("✕", () => remove(number), { class: "icon", "aria-label": `Remove ${name}` })));

/** Draw a `file_input`; gives it, and what reads the ids of its files. */
export function fileInput(element, { id, label }, begun) {
  const most = element.max_files ?? 10;
  let ids = begun ?? [];
  const accept = element.filetypes?.map((type) => `.${type}`).join(",");
  const input = make("input", { type: "file", id, "aria-label": id ? undefined : label ?? "Files", multiple: most > 1, accept });
  const list = make("ul", { class: "attached" });
  const made = make("div", {}, input, list);
  const show = () => {
    const remove = (number) => {
      ids = ids.filter((_, at) => at !== number);
      changed();
    };
    list.replaceChildren(...chips(ids.map((one) => named.get(one) ?? one), remove));
  };
  const changed = () => {
    show();
    made.dispatchEvent(new Event("change"));
  };
  input.addEventListener("change", async (event) => {
    event.stopPropagation(); // it has changed once the files are there
    const wrong = [...input.files].find((file) => accept && !accept.split(",").some((end) => file.name.toLowerCase().endsWith(end)));
    const chosen = fitting(input.files);
    input.value = "";
    if (wrong) tell(`${wrong.name} is not of a kind that can be sent here: ${element.filetypes.join(", ")}.`);
    else if (ids.length + chosen.length > most) tell(`At most ${most} ${most === 1 ? "file" : "files"} can be sent here.`);
    else {
      try {
        ids = [...ids, ...(await Promise.all(chosen.map(upload)))];
        changed();
      } catch (error) {
        tell(error.message);
      }
    }
  });
  show();
  return { made, reader: () => ids };
}
