// Who wrote something: their picture over their initials, which stay where there is none.

import { element } from "./elements.js";

export function face(author) {
  const made = element("span", "face", initials(author?.name ?? ""));
  made.setAttribute("aria-hidden", "true");
  if (author?.has_avatar) {
    const picture = element("img");
    picture.alt = "";
    picture.addEventListener("error", () => picture.remove());
    picture.src = `/api/v1/users/${author.user_id}/avatar`;
    made.append(picture);
  }
  return made;
}

// The first letters of the first and the last word.
export function initials(name) {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => [...word][0].toLocaleUpperCase()).join("");
}
