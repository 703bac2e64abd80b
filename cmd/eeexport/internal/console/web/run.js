// One run is one story: what belongs to a selected card stands out, and its
// times are one timeline.
import { $, chip, clock, h, last, millis } from './dom.js';
import { messageTitle, messageTone, outcome, stateTones } from './cards.js';

let selected = null; // the card

// related returns the cards that belong to the same run as one: by the Operation,
// by the request ID, or by the message.
function related(card, cards) {
  const names = new Map(cards.map((c) => [c, namesOf(c)]));
  const known = new Set(names.get(card) ?? []);
  const run = new Set([card]);
  for (let before = 0; before !== run.size;) {
    before = run.size;
    for (const [c, its] of names) {
      if (run.has(c) || !its.some((name) => known.has(name))) continue;
      run.add(c);
      its.forEach((name) => known.add(name));
    }
  }
  return run;
}

// namesOf returns the names that a card shares with related ones.
function namesOf(card) {
  const { request: r, operation: op, message: m } = card;
  if (r) return [`message ${r.messageId}`, ...(r.attempts ?? []).flatMap((a) => [a.operation, a.requestId && `id ${a.requestId}`, a.published && `message ${a.published}`])].filter((n) => n && n !== 'message undefined');
  if (op) return [op.name, `id ${op.requestId}`];
  return [`message ${m.id}`, m.attributes.operation, m.attributes.requestId && `id ${m.attributes.requestId}`,
    m.origin && `message ${m.origin}`, m.redrivenAs && `message ${m.redrivenAs}`].filter(Boolean);
}

// steps returns what a card adds to the timeline.
function steps(card) {
  const { request: r, operation: op, message: m } = card;
  if (r) {
    return (r.attempts ?? []).map((a) => ({
      time: a.time,
      what: [chip('kind', r.trigger), a.redelivered ? 'redelivered ' : a.number > 1 ? `delivery ${a.number} ` : '', outcome(a), a.code ? ` ${a.code}` : '', a.next ? ` ${a.next}` : ''],
      durations: a.durations, calls: a.calls,
    }));
  }
  if (op) return (op.seen ?? []).map((s) => ({ time: s.time, what: [chip(stateTones[s.state], s.state), ` Operation ${last(op.name)}`] }));
  return [{ time: m.time, what: [chip(messageTone(m), m.topic), ` ${messageTitle(m)}, message ${m.id}`] }];
}

// bars shows how long each part of an execution took, in order.
function bars({ durations, calls }) {
  if (!durations?.total) return '';
  const { total, ...parts } = durations;
  let before = 0;
  return h('ol', { className: 'bars' }, Object.entries(parts).map(([name, ms]) => {
    const bar = h('span', { className: 'bar' });
    bar.style.marginInlineStart = `${Math.min(99, 100 * before / total)}%`;
    bar.style.inlineSize = `${Math.max(0.5, 100 * Math.min(ms, total - before) / total)}%`;
    before += ms;
    return h('li', null, h('span', { className: 'quiet' }, `${name} ${millis(ms)}${name === 'submit' && calls > 1 ? `, ${calls} calls` : ''}`), h('span', { className: 'track' }, bar));
  }));
}

// Runs is the page's timeline.
export class Runs {
  constructor(columns) {
    this.columns = columns;
    $('run-close').addEventListener('click', () => this.select(null));
    document.addEventListener('keydown', (e) => { if (e.key === 'Escape') this.select(null); });
  }

  cards() { return this.columns.flatMap((column) => [...column.items.values()].map((item) => item.card)); }

  // select selects a card, or none if it is selected already.
  select(card) {
    const before = selected;
    selected = card === selected ? null : card;
    if (!selected && before?.isConnected && $('run').contains(document.activeElement)) before.querySelector('.head').focus();
    this.render();
    selected?.querySelector('.head').scrollIntoView({ block: 'nearest' });
  }

  // renderLater renders once, however much has changed.
  renderLater() {
    if (!selected || this.waiting) return;
    this.waiting = true;
    queueMicrotask(() => { this.waiting = false; this.render(); });
  }

  render() {
    if (selected && !selected.isConnected) selected = null;
    const cards = this.cards();
    const run = selected ? related(selected, cards) : new Set();
    for (const card of cards) {
      card.classList.toggle('aside', selected !== null && !run.has(card));
      card.classList.toggle('chosen', run.has(card));
      card.querySelector('.head').setAttribute('aria-pressed', String(card === selected));
    }
    document.body.classList.toggle('selected', selected !== null);
    $('run').hidden = selected === null;
    if (!selected) return;
    const all = [...run].flatMap(steps).sort((a, b) => new Date(a.time) - new Date(b.time));
    const begin = all.length > 0 ? new Date(all[0].time) : 0;
    $('run-steps').replaceChildren(...all.map((s) => h('li', null,
      h('time', { dateTime: s.time, title: clock(s.time) }, `+${((new Date(s.time) - begin) / 1000).toFixed(3)} s`),
      h('div', null, h('p', null, ...s.what), bars(s)))));
    const asset = [...run].map((c) => c.request?.asset || c.operation?.asset || c.message?.attributes.asset).find(Boolean);
    $('run-title').textContent = asset ? `Run of ${last(asset)}` : 'Run';
  }
}
