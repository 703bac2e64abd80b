// The cards: how a request, an Operation and a message look. Each maker returns
// the card and what updates it.
import { h, $, button, call, chip, clock, copy, count, last, load, millis, tail, when } from './dom.js';
import { open } from './editor.js';

const tones = { success: 'good', permanent: 'bad', transient: 'warn' };
export const stateTones = { PENDING: 'idle', RUNNING: 'busy', CANCELLING: 'warn', SUCCEEDED: 'good', FAILED: 'bad', CANCELLED: 'warn' };

export const requestGroups = ['under way', 'success', 'transient', 'permanent'];

// requestGroup returns how the last attempt ended.
export const requestGroup = (r) => (r.attempts ?? []).at(-1)?.class ?? 'under way';

// head is the line of a card by which it is selected.
const head = (select, ...children) => h('button', { type: 'button', className: 'head', 'aria-pressed': 'false', onclick: select }, ...children);

// facts is a list of names and values; those without a value are left out.
const facts = (pairs) => h('dl', { className: 'facts' }, pairs.filter(([, value]) => value)
  .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));

const list = (className, map) => h('dl', { className }, Object.entries(map).map(([name, value]) =>
  h('div', null, h('dt', null, name), h('dd', null, Array.isArray(value) ? value.join(', ') : value))));

// reason shows why a request failed: every violation, or the message.
function reason(v, tone = 'bad') {
  if (v.violations?.length > 0) {
    return h('ul', { className: 'violations' }, v.violations.map((x) => h('li', null, h('code', null, x.field || 'request'), x.description)));
  }
  return v.message ? h('p', { className: `message ${tone}` }, v.message) : '';
}

export function outcome(a) {
  if (a.outcome) return chip(tones[a.class], a.outcome);
  if (a.code) return chip(a.code < 300 ? 'good' : 'bad', 'answered');
  return a.message ? chip('bad', 'no answer') : chip('busy', 'under way');
}

function attempt(a) {
  const label = a.redelivered ? 'redelivered' : a.number ? `attempt ${a.number}` : '';
  const about = (...texts) => texts.filter(Boolean).join(' · ');
  return h('li', { className: 'attempt' },
    h('div', { className: 'line' },
      outcome(a), a.code ? h('b', { className: 'code' }, String(a.code)) : '',
      h('span', { className: 'quiet' }, about(label, a.next)),
      h('span', { className: 'quiet end' }, about(a.calls > 1 && `${a.calls} calls`, a.durations && millis(a.durations.total)))),
    reason(a, tones[a.class]),
    facts([['Operation', a.operation && h('span', { className: 'mono clip', title: a.operation }, last(a.operation))], ['request ID', a.requestId && tail(a.requestId, 'mono')]]));
}

// details is a part of a card that is loaded when it is opened.
function details(title, fill) {
  const inside = h('div', null, '…');
  const element = h('details', null, h('summary', { className: 'more' }, title), inside);
  element.addEventListener('toggle', async () => {
    if (element.open) inside.replaceChildren(...await fill());
  });
  return element;
}

const pre = (content, label) => h('pre', { tabIndex: 0, 'aria-label': label },
  content.bytes === 0 ? '(nothing)' : content.shown + (content.whole ? '' : `\n… the beginning of ${content.bytes} bytes`));

// curl is the command that sends an exchange's request again. Headers that every
// client sets for itself are left out.
function curl(e) {
  const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const own = /^(accept|accept-encoding|connection|content-length|function-execution-id|origin|referer|sec-|traceparent|user-agent)/i;
  const headers = Object.entries(e.header ?? {}).filter(([name]) => !own.test(name)).map(([name, values]) => `-H ${quote(`${name}: ${values[0]}`)}`);
  return ['curl -sS', `-X ${e.method}`, ...headers, `--data-binary ${e.body.whole ? quote(e.body.text) : '@request.json'}`, quote(e.url)].join(' \\\n  ');
}

async function exchangeOf(execution) {
  const answer = await load(`exchanges/${encodeURIComponent(execution)}`);
  return answer && answer.json();
}

async function exchange(execution) {
  const e = await exchangeOf(execution);
  if (!e) return ['It is no longer kept, or still under way.'];
  return [h('h3', null, `${e.method} ${e.url}`), list('attributes', e.header ?? {}), h('h3', null, 'Body'), pre(e.body, 'Body of the request'),
    h('h3', null, `Answer ${e.status}`), list('attributes', e.answerHeader ?? {}), h('h3', null, 'Body'), pre(e.answer, 'Body of the answer')];
}

// edit opens an exchange's request in the editor, to be sent again.
function edit(content, attributes) {
  open(content.text, attributes);
  $('controls').open = true;
  $('body').focus();
}

export function requestCard(request, select) {
  const asset = h('span', { className: 'title clip tail' });
  const newest = () => (card.request.attempts ?? []).at(-1);
  const attempts = h('ol', { className: 'attempts' });
  const foot = h('div', { className: 'line foot' },
    button('Copy as curl', 'Copy this request as a curl command', async () => {
      const e = newest() && await exchangeOf(newest().execution);
      if (e) copy(curl(e), 'the curl command');
    }),
    button('Edit and send again', 'Edit this request and send it again', async () => {
      const e = newest() && await exchangeOf(newest().execution);
      if (e) edit(e.body);
    }),
    request.messageId ? button('Redeliver', `Redeliver message ${request.messageId}`, () => call(`redeliver/${encodeURIComponent(request.messageId)}`)) : '');
  const card = h('li', { className: 'card' },
    head(select, chip('kind', request.trigger), asset, when(request.time)),
    attempts, foot, details('Headers and bodies', async () => (newest() ? exchange(newest().execution) : ['…'])));
  const update = (r) => {
    card.request = r;
    card.dataset.trigger = r.trigger;
    card.dataset.attempts = r.count;
    asset.replaceChildren(h('bdi', null, r.asset || (r.messageId ? `message ${r.messageId}` : '')));
    asset.title = r.asset ?? '';
    attempts.replaceChildren(...(r.attempts ?? []).map((a) => attempt(a)));
    if (!r.attempts?.length) attempts.append(h('li', { className: 'attempt' }, chip('busy', 'under way')));
  };
  update(request);
  return { card, update };
}

function duration(seconds) {
  const s = Math.round(seconds);
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
}

// operationCard's update also takes what has been published of the Operation:
// each type, how often, and under how many IDs.
export function operationCard(operation, select) {
  const id = last(operation.name);
  const state = chip('idle', '');
  const bar = h('progress', { max: 1, 'aria-label': `Progress of ${id}` });
  const percent = h('span', { className: 'quiet end' });
  const error = h('p', { className: 'message bad' });
  const published = h('dd');
  const end = (how, label) => button(label, `${label} Operation ${id}`, () => call(`operations/${how}?name=${encodeURIComponent(operation.name)}`));
  const ends = h('div', { className: 'line foot' }, end('fail', 'Fail'), end('cancel', 'Cancel'), h('span', { className: 'clip quiet' }, operation.description));
  const row = h('div', null, h('dt', null, 'published'), published);
  const about = facts([['asset', tail(operation.asset)], ['request ID', tail(operation.requestId, 'mono')]]);
  about.append(row);
  const card = h('li', { className: 'card' },
    head(select, state, h('span', { className: 'title mono clip', title: operation.name }, id), percent), bar, error, about, ends);
  const update = (op, types) => {
    card.operation = op;
    card.dataset.state = op.state;
    state.textContent = op.state;
    state.className = `chip ${stateTones[op.state] ?? 'idle'}`;
    bar.value = op.progress ?? 0;
    bar.className = stateTones[op.state] ?? 'idle';
    percent.textContent = `${Math.round((op.progress ?? 0) * 100)} % · ${duration(op.seconds)}`;
    error.textContent = op.error ?? '';
    error.hidden = !op.error;
    for (const b of ends.querySelectorAll('button')) b.disabled = ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(op.state);
    published.textContent = types.map(([type, times, ids]) => type + (times > 1 ? ` × ${times} under ${count(ids, 'ce-id')}` : '')).join('; ') || '–';
  };
  return { card, update };
}

// messageTone returns the colour of a message's kind.
export function messageTone(m) {
  const type = m.attributes['ce-type'] ?? '';
  if (['failures', 'dead-letters'].includes(m.topic) || type.endsWith('.failed.v1')) return 'bad';
  if (type.endsWith('.cancelled.v1')) return 'warn';
  return m.topic === 'requests' ? 'kind' : 'good';
}

export const messageTitle = (m) => m.attributes['ce-type']?.replace(/^eeexport\./, '') ?? (m.topic === 'requests' ? 'export request' : 'message');

export function messageCard(message, select) {
  const about = h('div');
  const a = message.attributes;
  const redrive = button('Redrive', `Redrive message ${message.id}`, () => call(`redrive/${encodeURIComponent(message.id)}`));
  const again = h('span', { className: 'quiet' });
  const data = async () => (await load(`messages/${encodeURIComponent(message.id)}`))?.json();
  const failed = ['failures', 'dead-letters'].includes(message.topic);
  const foot = h('div', { className: 'line foot' }, redrive,
    button('Edit and send again', `Edit message ${message.id} and send it again`, async () => {
      const content = await data();
      if (content) edit(content, message.topic === 'requests' ? a : {});
    }), again);
  foot.hidden = !failed && message.topic !== 'requests';
  redrive.hidden = !failed;
  const card = h('li', { className: 'card' },
    head(select, chip(messageTone(message), message.topic), h('span', { className: 'title clip' }, messageTitle(message)), when(message.time)),
    h('div', { className: 'line quiet' }, h('span', { className: 'mono' }, a.operation ? last(a.operation) : ''),
      h('span', { className: 'end' }, `${message.id} · ${message.bytes} B`)),
    about, foot,
    details('Attributes and data', async () => {
      const content = await data();
      return [h('h3', null, 'Attributes'), Object.keys(a).length === 0 ? h('p', { className: 'quiet' }, 'none') : list('attributes', a),
        h('h3', null, 'Data'), content ? pre(content, `Data of message ${message.id}`) : '…'];
    }));
  const update = (m) => {
    card.message = m;
    about.replaceChildren(reason(m));
    again.textContent = m.redrivenAs ? `redriven as ${m.redrivenAs}` : '';
  };
  update(message);
  return { card, update };
}
