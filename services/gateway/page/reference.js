// The API's description, drawn from /schema/openapi.json; nothing is loaded from elsewhere.

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const METHODS = ["get", "post", "put", "patch", "delete"];
const schema = await (await fetch("/schema/openapi.json")).json();

function resolve(node) {
  const path = node?.$ref?.split("/").slice(1);
  return path ? path.reduce((at, name) => at[name], schema) : node ?? {};
}

function typeOf(node) {
  if (node?.$ref) return typeOf({ ...resolve(node), named: node.$ref.split("/").at(-1) });
  if (node?.enum) return node.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (node?.oneOf || node?.anyOf) return (node.oneOf ?? node.anyOf).map(typeOf).join(" | ");
  if (node?.type === "array") return `list of ${typeOf(node.items)}`;
  const kind = Array.isArray(node?.type) ? node.type.join(" | ") : node?.type ?? "anything";
  return node?.named?.split("_").at(-1) ?? (node?.format ? `${kind} (${node.format})` : kind);
}

// Bold, code and paragraphs: what the descriptions use.
function inline(text) {
  return (text ?? "").split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) =>
    part.startsWith("**") ? element("strong", "", part.slice(2, -2))
      : part.startsWith("`") ? element("code", "", part.slice(1, -1)) : part);
}

function prose(text) {
  return (text ?? "").split(/\n\s*\n/).filter(Boolean).map((paragraph) => element("p", "", ...inline(paragraph)));
}

function table(heading, rows) {
  if (!rows.length) return null;
  const lines = rows.map((cells) => element("tr", "", ...cells.map((cell) => element("td", "", cell))));
  return element("section", "", element("h3", "", heading), element("table", "", ...lines));
}

function fields(node) {
  const found = resolve(node);
  const required = new Set(found.required ?? []);
  return Object.entries(found.properties ?? {}).map(([name, field]) => [
    element("code", "", name), `${typeOf(field)}${required.has(name) ? "" : ", optional"}`, element("span", "", ...inline(field.description)),
  ]);
}

function example(content) {
  const shown = Object.values(content?.examples ?? {})[0]?.value ?? content?.schema?.example;
  return shown === undefined ? null : element("pre", "", JSON.stringify(shown, null, 2));
}

function answer([status, response]) {
  const [media, content] = Object.entries(response.content ?? {})[0] ?? ["", {}];
  const inside = [example(content), table("Fields", fields(content.schema))].filter(Boolean);
  const head = element("summary", "", element("code", "", status), ` ${response.description ?? ""} ${media}`);
  return element("details", "answer", head, ...inside);
}

function body(request) {
  return Object.entries(request?.content ?? {}).flatMap(([media, content]) =>
    [table(`Body, ${media}`, fields(content.schema)), example(content)]);
}

function operation(path, method, about) {
  const parameters = (about.parameters ?? []).map((one) => [
    element("code", "", one.name), `${one.in}, ${typeOf(one.schema)}${one.required ? "" : ", optional"}`, element("span", "", ...inline(one.description)),
  ]);
  const head = element("summary", "", element("b", "method", method), element("code", "", path), element("span", "", about.summary ?? ""));
  return element("details", "operation", head, element("div", "",
    ...prose(about.description), table("Parameters", parameters), ...body(about.requestBody),
    element("h3", "", "Answers"), ...Object.entries(about.responses ?? {}).map(answer)));
}

const operations = Object.entries(schema.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) => [item[method].tags?.[0] ?? "other", operation(path, method, item[method])]));

document.getElementById("reference").replaceChildren(
  ...prose(schema.info.description),
  ...schema.tags.flatMap((tag) => {
    const own = operations.filter(([name]) => name === tag.name).map(([, shown]) => shown);
    return own.length ? [element("h2", "", tag.name), ...prose(tag.description), ...own] : [];
  }),
);
