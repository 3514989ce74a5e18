// The proposals of a run one under another: decided by button, by key, or many at once.

import { place } from "./elements.js";
import { keyOf, look } from "./keys.js";
import { Listing } from "./listing.js";
import { ProposalCard } from "./proposal.js";
import { learnTitles } from "./titles.js";
import { t } from "./words.js";

const PAGE = 100;

export class Proposals {
  constructor({ list, empty, more, onDrawn, onDecided, isClosed }) {
    Object.assign(this, { list, empty, moreButton: more, onDrawn, onDecided, isClosed });
    this.choice = { run: "", status: "", category: "" };
    this.cards = new Map();
    this.listing = new Listing((cursor) => this.url(cursor));
  }

  url(cursor) {
    const { run, status, category } = this.choice;
    const query = new URLSearchParams({ limit: PAGE });
    for (const [name, value] of Object.entries({ status, category, cursor })) if (value) query.set(name, value);
    return `/api/v1/runs/${run}/proposals?${query}`;
  }

  choose(choice) {
    if (this.listing.loaded && Object.keys(choice).every((name) => this.choice[name] === choice[name])) return this.refresh();
    Object.assign(this.choice, choice);
    this.listing.clear();
    this.list.ariaBusy = "true";
    return this.refresh();
  }

  // Takes what a frame tells: what somebody else decided stays in its place as well.
  learn(proposal) {
    if (!this.listing.find(proposal.id)) return;
    this.listing.hold(proposal.id);
    this.listing.put(proposal);
    this.cards.get(proposal.id)?.update(proposal);
  }

  // What was decided goes out of sight, where it no longer fits.
  letGo() { this.listing.held.clear(); }

  async refresh() {
    if (await this.listing.refresh()) this.draw();
  }

  async more() {
    const before = this.listing.items.length;
    await this.listing.more();
    this.draw();
    const first = this.listing.items[before];
    if (first) this.cards.get(first.id).node.focus({ preventScroll: true });
  }

  draw() {
    const { items, cursor } = this.listing;
    learnTitles("proposal", items);
    const ids = new Set(items.map((proposal) => proposal.id));
    for (const id of this.cards.keys()) if (!ids.has(id)) this.cards.delete(id);
    place(this.list, items.map((proposal) => this.card(proposal).node));
    this.list.ariaBusy = "false";
    this.moreButton.hidden = !cursor;
    this.empty.hidden = items.length > 0;
    this.onDrawn(this);
  }

  card(proposal) {
    const known = this.cards.get(proposal.id);
    if (known) { known.update(proposal); return known; }
    const card = new ProposalCard(proposal, { onChanged: (changed) => this.changed(changed), onChosen: () => this.onDrawn(this), isClosed: this.isClosed });
    this.cards.set(proposal.id, card);
    return card;
  }

  // Another language: every card anew.
  redraw() {
    this.cards.clear();
    this.list.replaceChildren();
    if (this.listing.loaded) this.draw();
  }

  // What was decided stays where it is: somebody may want to undo.
  changed(proposals) {
    for (const proposal of proposals) {
      this.listing.hold(proposal.id);
      this.listing.put(proposal);
      this.cards.get(proposal.id)?.update(proposal);
    }
    this.onDrawn(this);
    this.onDecided();
  }

  waiting() { return this.listing.items.filter((proposal) => proposal.status === "pending"); }

  chosen() { return [...this.cards.values()].filter((card) => card.isChosen).map((card) => card.proposal.id); }

  chooseAll(isChosen) {
    for (const card of this.cards.values()) card.choice.checked = isChosen && card.waits;
    this.onDrawn(this);
  }

  // From anywhere in the view: without a card that has the focus, the first that waits gets it.
  async onKey(event) {
    const key = keyOf(event);
    if (!key || !"jkareumx".includes(key) || key.length !== 1) return;
    const node = event.target.closest(".proposal");
    if (!node) {
      if (key === "j" || key === "k") { event.preventDefault(); this.goTo(this.firstWaiting()); }
      return;
    }
    event.preventDefault();
    const card = this.cards.get(node.dataset.id);
    if (key === "j") this.goTo(node.nextElementSibling ?? node);
    else if (key === "k") this.goTo(node.previousElementSibling ?? node);
    else if (key === "x") card.choose();
    else if (key === "e") card.edit();
    else if (key === "m") card.merge();
    else if (key === "u") card.revert();
    else if (await card.decide(key === "a" ? "approve" : "reject")) this.goOn(node);
  }

  firstWaiting() {
    return this.list.querySelector('.proposal[data-status="pending"]') ?? this.list.firstElementChild;
  }

  // To the next that waits, unless somebody went elsewhere meanwhile.
  goOn(node) {
    if (!node.contains(document.activeElement)) return;
    let next = node.nextElementSibling;
    while (next && next.dataset.status !== "pending") next = next.nextElementSibling;
    this.goTo(next ?? node);
  }

  goTo(node) { if (node) look(node); }

  nothing() {
    const { status, category } = this.choice;
    return t(status === "pending" && !category ? "nothingToReview" : "noProposalsHere");
  }
}
