// The page: what comes over the stream of events, and what the buttons do.
import { h, clock, requestCard, operationCard, messageCard } from './cards.js';

const $ = (id) => document.getElementById(id);
const most = 500; // of a kind, as the server keeps

// Column is one list of cards, newest first, that can be filtered.
class Column {
  constructor(section) {
    this.list = section.querySelector('ol');
    this.empty = section.querySelector('.empty');
    this.total = section.querySelector('.count');
    this.filters = section.querySelector('.filters');
    this.items = new Map(); // from key to {card, update, group}
    this.groups = [];
    this.only = '';
  }

  clear(groups) {
    this.items.clear();
    this.list.replaceChildren();
    this.groups = groups;
    this.buttons = new Map(['', ...groups].map((group) => [group, h('button', {
      type: 'button', className: 'small', onclick: () => { this.only = group; this.show(); },
    })]));
    this.filters.replaceChildren(...this.buttons.values());
    if (!this.buttons.has(this.only)) this.only = '';
    this.show();
  }

  add(key, item, group) {
    this.items.set(key, { ...item, group });
    this.list.prepend(item.card);
    if (this.items.size > most) {
      const [oldest, { card }] = this.items.entries().next().value;
      card.remove();
      this.items.delete(oldest);
    }
    this.later();
  }

  regroup(key, group) {
    const item = this.items.get(key);
    if (item.group !== group) { item.group = group; this.later(); }
  }

  // later shows the counts once, however many cards have come.
  later() {
    if (this.waiting) return;
    this.waiting = true;
    queueMicrotask(() => { this.waiting = false; this.show(); });
  }

  show() {
    const counts = {};
    for (const { card, group } of this.items.values()) {
      counts[group] = (counts[group] ?? 0) + 1;
      card.hidden = this.only !== '' && group !== this.only;
    }
    this.total.textContent = this.items.size || '';
    this.empty.hidden = this.items.size > 0;
    for (const [group, button] of this.buttons) {
      button.textContent = group === '' ? 'all' : `${group.toLowerCase()} ${counts[group] ?? 0}`;
      button.setAttribute('aria-pressed', String(this.only === group));
    }
  }
}

const requests = new Column($('requests'));
const operations = new Column($('operations'));
const topics = new Column($('topics'));
const published = new Map(); // from Operation to the messages that name it
let faults = [];
let quotas = {};

const announce = (text) => { $('announcer').textContent = text; };

function tell(text, failed = false) {
  $('result').textContent = `${clock(new Date())}  ${text}`;
  $('result').className = failed ? 'failed' : '';
}

// call asks the server for something; what it answers is told.
async function call(path, body = '') {
  try {
    const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    const text = (await answer.text()).trim();
    tell(text, !answer.ok);
  } catch (error) {
    tell(`The console cannot be reached: ${error.message}`, true);
  }
}

async function load(path, init) {
  try {
    const answer = await fetch(path, init);
    return answer.ok ? await answer.text() : `(${answer.status}: ${(await answer.text()).trim()})`;
  } catch (error) {
    return `(${error.message})`;
  }
}

// What has happened.

function onRequest(r) {
  if (requests.items.has(r.id)) requests.items.get(r.id).update(r);
  else requests.add(r.id, requestCard(r, (id) => call(`redeliver/${encodeURIComponent(id)}`)), r.trigger);
}

// messagesOf tells what has been published of an Operation.
function messagesOf(name) {
  const types = Map.groupBy(published.get(name) ?? [], (m) => m.attributes['ce-type']?.split('.')[2] ?? 'other');
  return { types: [...types].map(([type, all]) => [type, all.length, new Set(all.map((m) => m.attributes['ce-id'])).size]) };
}

function onOperation(op) {
  let item = operations.items.get(op.name);
  if (!item) {
    item = operationCard(op);
    operations.add(op.name, item, op.state);
    announce(`Operation started for ${op.asset}`);
  } else if (item.state !== op.state && op.state !== 'RUNNING') {
    announce(`Operation for ${op.asset}: ${op.state}`);
  }
  item = operations.items.get(op.name);
  item.state = op.state;
  item.update(op, messagesOf(op.name));
  item.operation = op;
  operations.regroup(op.name, op.state);
}

function onMessage(m) {
  topics.add(m.id, { card: messageCard(m, (id) => load(`messages/${encodeURIComponent(id)}`)) }, m.topic);
  const name = m.attributes.operation;
  if (!name) return;
  published.set(name, [...(published.get(name) ?? []).slice(-most), m]);
  if (published.size > most) published.delete(published.keys().next().value);
  const item = operations.items.get(name);
  if (item) item.update(item.operation, messagesOf(name));
}

function onStatus({ usage, armed }) {
  const meter = (name, used, limit, peak) => {
    const bar = h('meter', { min: 0, max: limit, high: limit * 0.8, value: used });
    bar.setAttribute('aria-label', name);
    return h('div', null, h('dt', null, name), h('dd', null, bar, h('span', null, `${used} / ${limit}`), h('span', { className: 'quiet' }, peak)));
  };
  $('usage').replaceChildren(
    meter('requests at once', usage.ConcurrentRequests, quotas.ConcurrentRequests, `peak ${usage.PeakConcurrentRequests}`),
    meter('requests a second', usage.RequestsPerSecond, quotas.RequestsPerSecond, ''),
    meter('queued tasks', usage.QueuedTasks, quotas.QueuedTasks, `peak ${usage.PeakQueuedTasks}`),
    h('div', null, h('dt', null, 'refused with 429'), h('dd', null, h('span', null, String(usage.Refused)))));
  faults.forEach((fault, i) => {
    const badge = $(`armed-${fault.id}`);
    badge.textContent = armed[i] ? `${armed[i]} to come` : '';
    badge.hidden = !armed[i];
  });
}

function onSnapshot(s) {
  quotas = s.quotas;
  faults = s.faults;
  $('endpoints').replaceChildren(...s.endpoints.map(([name, address]) => h('div', null, h('dt', null, name), h('dd', { className: 'mono' }, address))));
  if ($('fault-list').childElementCount === 0) {
    $('fault-list').append(...faults.map((f) => h('div', { className: 'fault' },
      h('button', { type: 'button', id: `fault-${f.id}`, onclick: () => arm(f.id) }, f.label), h('span', { className: 'chip warn', id: `armed-${f.id}`, hidden: true }), h('p', { className: 'hint' }, f.hint))));
    $('example').append(...s.examples.map((name) => h('option', { value: name }, name.replace(/\.json$/, ''))));
    $('example').value = 'random-forest-trained.json';
    pick();
  }
  published.clear();
  requests.clear(['http', 'event', 'watch']);
  operations.clear(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']);
  topics.clear(s.topics);
  s.requests.forEach(onRequest);
  s.operations.forEach(onOperation);
  s.messages.forEach(onMessage);
  onStatus(s.status);
  announce('');
}

const events = new EventSource('events');
const on = (kind, handle) => events.addEventListener(kind, (e) => handle(JSON.parse(e.data)));
on('snapshot', onSnapshot);
on('request', onRequest);
on('message', onMessage);
on('operations', (list) => list.forEach(onOperation));
on('status', onStatus);
const connection = (tone, text) => { $('connection').textContent = text; $('connection').className = `chip ${tone}`; };
events.addEventListener('open', () => connection('good', 'live'));
events.addEventListener('error', () => connection('bad', 'not connected; trying again'));

// What can be done.

const arm = (kind) => call(`faults/${kind}?times=${encodeURIComponent($('times').value)}`);

async function pick() { $('body').value = await load(`examples/${encodeURIComponent($('example').value)}`); }

$('example').addEventListener('change', pick);
$('renew').addEventListener('click', async () => {
  $('body').value = await load('renew', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: $('body').value });
});
$('send').addEventListener('submit', (e) => {
  e.preventDefault();
  tell('Sending …');
  call(`send/${e.submitter?.value ?? 'http'}`, $('body').value);
});
$('faults').addEventListener('submit', (e) => e.preventDefault()); // Enter in its field
$('clear-faults').addEventListener('click', () => call('faults'));
