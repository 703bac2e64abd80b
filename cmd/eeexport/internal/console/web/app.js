// The page: it handles the stream of events, and the buttons.
import { $, button, call, clock, copy, count, found, h } from './dom.js';
import { Column } from './column.js';
import { messageCard, operationCard, requestCard, requestGroup, requestGroups } from './cards.js';
import { start } from './editor.js';
import { Runs } from './run.js';

let requests, operations, topics, runs; // made with the first snapshot
let faults = [];
let quotas = {};

const announce = (text) => { $('announcer').textContent = text; };

// Events.

function onRequest(r) {
  if (requests.items.has(r.id)) {
    requests.items.get(r.id).update(r);
    requests.regroup(r.id, requestGroup(r));
  } else {
    const item = requestCard(r, () => runs.select(item.card));
    requests.add(r.id, item, requestGroup(r), r.time);
  }
  runs.renderLater();
}

// typesOf returns what has been published of an Operation.
function typesOf(name) {
  const messages = [...topics.items.values()].map((item) => item.card.message).filter((m) => m.attributes.operation === name);
  const types = Map.groupBy(messages, (m) => m.attributes['ce-type']?.split('.')[2] ?? 'other');
  return [...types].map(([type, all]) => [type, all.length, new Set(all.map((m) => m.attributes['ce-id'])).size]);
}

function onOperation(op) {
  let item = operations.items.get(op.name);
  const before = item?.card.operation?.state;
  if (!item) {
    item = operationCard(op, () => runs.select(item.card));
    operations.add(op.name, item, op.state, op.seen?.[0]?.time ?? '');
    announce(`Operation started for ${op.asset}`);
  } else if (before !== op.state && op.state !== 'RUNNING') announce(`Operation for ${op.asset}: ${op.state}`);
  item.update(op, typesOf(op.name));
  operations.regroup(op.name, op.state);
  runs.renderLater();
}

function onMessage(m) {
  if (topics.items.has(m.id)) {
    topics.items.get(m.id).update(m);
  } else {
    const item = messageCard(m, () => runs.select(item.card));
    topics.add(m.id, item, m.topic, m.time);
    const name = m.attributes.operation;
    const operation = operations.items.get(name);
    if (operation) operation.update(operation.card.operation, typesOf(name));
  }
  runs.renderLater();
}

function onStatus({ usage, armed }) {
  const meter = (name, used, limit, peak) => h('div', null, h('dt', null, name), h('dd', null,
    h('meter', { min: 0, max: limit, high: limit * 0.8, value: used, 'aria-label': name }), h('span', null, `${used} / ${limit}`), h('span', { className: 'quiet' }, peak)));
  $('usage').replaceChildren(
    meter('requests at once', usage.ConcurrentRequests, quotas.ConcurrentRequests, `peak ${usage.PeakConcurrentRequests}`),
    meter('requests a second', usage.RequestsPerSecond, quotas.RequestsPerSecond, ''),
    meter('queued tasks', usage.QueuedTasks, quotas.QueuedTasks, `peak ${usage.PeakQueuedTasks}`),
    h('div', null, h('dt', null, 'refused with 429'), h('dd', null, h('span', null, String(usage.Refused)))));
  faults.forEach((fault, i) => {
    const badge = $(`armed-${fault.id}`);
    badge.textContent = `${armed[i]} to come`;
    badge.classList.toggle('none', !armed[i]);
    badge.setAttribute('aria-hidden', String(!armed[i]));
  });
}

// onTick shows the watcher's last answer.
function onTick(tick) {
  let text = 'has not been called yet';
  if (tick) {
    const s = tick.summary;
    const ended = Object.entries(s?.ended ?? {}).filter(([, n]) => n > 0).map(([state, n]) => `${n} ${state}`).join(', ');
    text = s ? `${s.pending} pending · ended: ${ended || 'none'} · ${s.errors ? count(s.errors, 'error') : 'no errors'}` : `answered ${tick.code}: ${tick.message ?? ''}`;
    text = `${clock(tick.time)}  ${text}`;
  }
  $('watch').textContent = text;
  $('watch').classList.toggle('failed', Boolean(tick && (!tick.summary || tick.summary.errors > 0)));
}

function onSnapshot(s) {
  quotas = s.quotas;
  faults = s.faults;
  $('endpoints').replaceChildren(...s.endpoints.map(([name, address]) => h('div', null, h('dt', null, name), h('dd', { className: 'mono' },
    h('button', { type: 'button', className: 'address', title: 'Copy', 'aria-label': `Copy the address of ${name}`, onclick: () => copy(address, `the address of ${name}`) }, address)))));
  if (!requests) {
    requests = new Column($('requests'), requestGroups);
    operations = new Column($('operations'), ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']);
    topics = new Column($('topics'), s.topics, true);
    runs = new Runs([requests, operations, topics]);
    $('fault-list').append(...faults.map((f) => h('div', { className: 'fault' },
      button(f.label, f.label, () => call(`faults/${f.id}?times=${encodeURIComponent($('times').value)}`)),
      h('span', { className: 'chip warn none', id: `armed-${f.id}` }, '1 to come'), h('p', { className: 'hint' }, f.hint))));
    $('fault-list').querySelectorAll('button').forEach((b, i) => { b.id = `fault-${faults[i].id}`; });
  }
  start(s.examples);
  for (const column of [requests, operations, topics]) column.clear();
  s.requests.forEach(onRequest);
  s.messages.forEach(onMessage); // before the Operations, which count them
  (s.operations ?? []).forEach(onOperation);
  onStatus(s.status);
  onTick(s.tick);
  runs.render();
  announce('');
}

const events = new EventSource('events');
const on = (kind, handle) => events.addEventListener(kind, (e) => handle(JSON.parse(e.data)));
on('snapshot', onSnapshot);
on('request', onRequest);
on('message', onMessage);
on('operations', (list) => list.forEach(onOperation));
on('status', onStatus);
on('tick', onTick);
const connection = (tone, text) => { $('connection').textContent = text; $('connection').className = `chip ${tone}`; };
events.addEventListener('open', () => { connection('good', 'live'); found(); });
events.addEventListener('error', () => connection('bad', 'not connected; retrying'));

// Controls.

$('search').addEventListener('input', () => [requests, operations, topics].forEach((column) => column?.search($('search').value.trim())));
$('clear').addEventListener('click', () => call('clear'));
$('faults').addEventListener('submit', (e) => e.preventDefault()); // Enter in its field
$('clear-faults').addEventListener('click', () => call('faults'));
document.addEventListener('keydown', (e) => {
  if (e.key === '/' && !e.target.matches('input, textarea, select')) { $('search').focus(); e.preventDefault(); }
});
if (matchMedia('(max-width: 759px)').matches) $('controls').open = false;
