// A column of cards, newest first, that can be filtered and searched.
import { h } from './dom.js';

const most = 500; // of a group, as the server keeps

export class Column {
  constructor(section, groups, grouped = false) {
    this.list = section.querySelector('ol');
    this.empty = section.querySelector('.empty');
    this.nothing = [...this.empty.childNodes];
    this.total = section.querySelector('.count');
    this.groups = groups;
    this.grouped = grouped; // each group has its own number of cards
    this.items = new Map(); // from key to {card, update, group, time}
    this.only = '';
    this.words = '';
    this.buttons = new Map(['', ...groups].map((group) => [group, h('button', {
      type: 'button', className: 'small', onclick: () => { this.only = group; this.render(); },
    })]));
    section.querySelector('.filters').replaceChildren(...this.buttons.values());
    this.list.addEventListener('keydown', (e) => this.walk(e));
    this.render();
  }

  clear() {
    this.items.clear();
    this.list.replaceChildren();
    this.render();
  }

  // add inserts a card by its time.
  add(key, item, group, time) {
    const added = { ...item, group, time };
    let next = this.list.firstElementChild;
    while (next && this.items.get(next.dataset.key).time > time) next = next.nextElementSibling;
    item.card.dataset.key = key;
    this.items.set(key, added);
    this.list.insertBefore(item.card, next);
    this.drop(group);
    this.renderLater();
  }

  // drop removes the oldest of too many cards.
  drop(group) {
    const all = [...this.items].filter(([, item]) => !this.grouped || item.group === group);
    if (all.length <= most) return;
    const [oldest, { card }] = all.reduce((a, b) => (b[1].time < a[1].time ? b : a));
    card.remove();
    this.items.delete(oldest);
  }

  regroup(key, group) {
    const item = this.items.get(key);
    if (item.group !== group) { item.group = group; this.renderLater(); }
  }

  search(words) {
    this.words = words.toLowerCase();
    this.render();
  }

  // renderLater renders once, however many cards were added.
  renderLater() {
    if (this.waiting) return;
    this.waiting = true;
    queueMicrotask(() => { this.waiting = false; this.render(); });
  }

  render() {
    const counts = {};
    let shown = 0;
    for (const { card, group } of this.items.values()) {
      const matches = this.words === '' || card.textContent.toLowerCase().includes(this.words);
      if (matches) counts[group] = (counts[group] ?? 0) + 1;
      card.hidden = !matches || (this.only !== '' && group !== this.only);
      if (!card.hidden) shown++;
    }
    this.total.textContent = this.items.size && (shown < this.items.size ? `${shown} of ${this.items.size}` : this.items.size);
    this.empty.hidden = shown > 0;
    this.empty.replaceChildren(...(this.items.size > 0 ? ['Nothing matches.'] : this.nothing));
    for (const [group, button] of this.buttons) {
      button.textContent = group === '' ? 'all' : `${group.toLowerCase()} ${counts[group] ?? 0}`;
      button.setAttribute('aria-pressed', String(this.only === group));
    }
  }

  // walk goes from card to card by the arrow keys.
  walk(e) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!step || !e.target.matches('.head')) return;
    const heads = [...this.list.querySelectorAll('li:not([hidden]) .head')];
    const next = heads[heads.indexOf(e.target) + step];
    if (next) { next.focus(); e.preventDefault(); }
  }
}
