// A list that comes by pages, and stays as it is on screen while its beginning is asked for again.

import { call } from "./api.js";

export class Listing {
  // `address` makes the address of a page from its cursor, which is null for the first; `take` an item of what comes.
  constructor(address, take = (item) => item) {
    Object.assign(this, { address, take });
    this.clear();
  }

  clear() {
    this.items = [];
    this.cursor = null;
    this.asked = (this.asked ?? 0) + 1;
    this.loaded = false;
    this.first = new Set();
    this.held = new Set();
  }

  // Keeps an item in its place though it no longer fits what is asked for: somebody may want to undo.
  hold(id) { this.held.add(id); }

  // False when something else was asked for meanwhile.
  async refresh() {
    const asked = ++this.asked;
    const page = await this.page(null);
    if (asked !== this.asked) return false;
    const before = this.items;
    const fresh = new Set(page.items.map((item) => item.id));
    const last = before.findIndex((item) => item.id === page.items.at(-1)?.id);
    const beyond = page.next_cursor && last >= 0 ? before.slice(last + 1).filter((item) => !fresh.has(item.id)) : [];
    this.first = fresh;
    if (!beyond.length) this.cursor = page.next_cursor;
    this.items = [...page.items, ...beyond];
    this.putBack(before);
    this.loaded = true;
    return true;
  }

  async page(cursor) {
    const page = await call(this.address(cursor));
    return { ...page, items: page.items.map(this.take) };
  }

  putBack(before) {
    before.forEach((item, position) => {
      if (!this.held.has(item.id) || this.find(item.id)) return;
      const neighbour = this.items.indexOf(this.find(before[position - 1]?.id));
      this.items.splice(neighbour + 1, 0, item);
    });
  }

  async more() {
    const asked = this.asked;
    const page = await this.page(this.cursor);
    if (asked !== this.asked) return;
    const known = new Set(this.items.map((item) => item.id));
    this.items.push(...page.items.filter((item) => !known.has(item.id)));
    this.cursor = page.next_cursor;
  }

  find(id) { return this.items.find((item) => item.id === id); }

  put(item) {
    const position = this.items.findIndex((one) => one.id === item.id);
    if (position >= 0) this.items[position] = item;
  }
}
