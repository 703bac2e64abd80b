// The cards: how a request, an Operation and a message look. All that comes from
// outside goes in as text, never as markup.

// h makes an element. Children are elements, texts, or nothing.
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== 'list') element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== ''));
  return element;
}

export const chip = (tone, text, title) => h('span', { className: `chip ${tone}`, title: title ?? '' }, text);

export const clock = (time) => {
  const t = new Date(time);
  return t.toLocaleTimeString('en-GB') + '.' + String(t.getMilliseconds()).padStart(3, '0');
};

const when = (time) => h('time', { dateTime: time }, clock(time));
const last = (name) => name.slice(name.lastIndexOf('/') + 1);
const count = (n, thing) => `${n} ${thing}${n === 1 ? '' : 's'}`;

export const operationID = (name) => 'operation-' + last(name);

// operationLink leads to the Operation's card.
const operationLink = (name) => h('a', { href: '#' + operationID(name), className: 'mono', title: name }, last(name));

// facts is a list of names and values; those without a value are left out.
function facts(pairs) {
  return h('dl', { className: 'facts' }, pairs.filter(([, value]) => value)
    .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}

const tones = { success: 'good', permanent: 'bad', transient: 'warn' };

function attempt(a) {
  const label = a.redelivered ? 'redelivered' : a.number ? `attempt ${a.number}` : '';
  let outcome = chip('busy', 'under way');
  if (a.outcome) outcome = chip(tones[a.class], a.outcome);
  else if (a.answered) outcome = chip(a.code >= 200 && a.code <= 299 ? 'good' : 'bad', a.code ? 'answered' : 'no answer');
  const violations = a.violations ?? [];
  return h('li', { className: 'attempt' },
    h('div', { className: 'line' },
      outcome,
      a.code ? h('b', { className: 'code' }, String(a.code)) : '',
      h('span', { className: 'quiet' }, [label, a.next].filter(Boolean).join(' · ')),
      h('span', { className: 'quiet end' }, [
        a.calls > 1 ? `${a.calls} calls` : '', a.millis ? `${a.millis < 10 ? a.millis.toFixed(1) : Math.round(a.millis)} ms` : ''].filter(Boolean).join(' · '))),
    a.operation ? h('div', { className: 'line' }, h('span', { className: 'quiet' }, 'Operation'), operationLink(a.operation)) : '',
    a.note ? h('p', { className: 'quiet' }, a.note) : '',
    a.message && violations.length === 0 ? h('p', { className: `message ${tones[a.class] ?? 'bad'}` }, a.message) : '',
    violations.length > 0 ? h('ul', { className: 'violations' },
      violations.map((v) => h('li', null, h('code', null, v.field || 'request'), v.description))) : '',
    a.requestId ? h('div', { className: 'line quiet' }, 'request ID ', h('span', { className: 'mono clip', title: a.requestId }, a.requestId)) : '');
}

// requestCard makes the card of a request and returns it with what updates it.
export function requestCard(request, redeliver) {
  const asset = h('span', { className: 'title clip' });
  const again = h('button', { type: 'button', className: 'small', onclick: () => redeliver(request.messageId) }, 'Redeliver');
  const attempts = h('ol', { className: 'attempts' });
  const time = when(request.time);
  const head = h('div', { className: 'line' }, chip('kind', request.trigger), asset, time);
  const foot = h('div', { className: 'line foot' });
  const card = h('li', { className: 'card', id: 'request-' + request.id.replaceAll(' ', '-') }, head, attempts, foot);
  const update = (r) => {
    card.dataset.trigger = r.trigger;
    asset.textContent = r.asset ? last(r.asset) : r.trigger === 'watch' ? 'ticks of WatchOperations' : '';
    asset.title = r.asset ?? '';
    const shown = (r.attempts ?? []).slice(r.trigger === 'watch' ? -1 : 0);
    if (r.trigger === 'watch' && shown.length > 0) time.textContent = clock(shown[0].time);
    attempts.replaceChildren(...shown.map((a) => attempt(a)));
    if (shown.length === 0) attempts.append(h('li', { className: 'attempt' }, chip('busy', 'under way')));
    if (r.messageId && !again.isConnected) {
      foot.append(h('span', { className: 'quiet' }, 'message ', h('span', { className: 'mono' }, r.messageId)), again);
      again.setAttribute('aria-label', `Redeliver message ${r.messageId}`);
    }
    foot.hidden = !r.messageId;
    card.dataset.attempts = r.count;
  };
  update(request);
  return { card, update };
}

const stateTones = { PENDING: 'idle', RUNNING: 'busy', CANCELLING: 'warn', SUCCEEDED: 'good', FAILED: 'bad', CANCELLED: 'warn' };

function duration(seconds) {
  const s = Math.round(seconds);
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
}

// operationCard does the same for an Operation. Update also takes what has been
// published of it: each type, how often, and under how many IDs.
export function operationCard(operation) {
  const state = chip('idle', '');
  const bar = h('progress', { max: 1 });
  bar.setAttribute('aria-label', `Progress of ${last(operation.name)}`);
  const percent = h('span', { className: 'quiet end' });
  const error = h('p', { className: 'message bad' });
  const published = h('dd');
  const card = h('li', { className: 'card', id: operationID(operation.name), tabIndex: -1 },
    h('div', { className: 'line' }, state, h('span', { className: 'title mono clip', title: operation.name }, last(operation.name)), percent),
    bar, error,
    facts([
      ['asset', h('span', { className: 'clip', title: operation.asset }, operation.asset)],
      ['description', operation.description],
      ['request ID', h('span', { className: 'mono clip', title: operation.requestId }, operation.requestId)],
    ]));
  const row = h('div', { hidden: true }, h('dt', null, 'published'), published);
  card.lastElementChild.append(row);
  const update = (op, messages) => {
    card.dataset.state = op.state;
    state.textContent = op.state;
    state.className = `chip ${stateTones[op.state] ?? 'idle'}`;
    bar.value = op.progress ?? 0;
    bar.className = stateTones[op.state] ?? 'idle';
    percent.textContent = `${Math.round((op.progress ?? 0) * 100)} % · ${duration(op.seconds)}`;
    error.textContent = op.error ?? '';
    error.hidden = !op.error;
    row.hidden = messages.types.length === 0;
    published.textContent = messages.types.map(([type, times, ids]) => type + (times > 1 ? ` × ${times} under ${count(ids, 'ce-id')}` : '')).join('; ');
  };
  return { card, update };
}

// messageCard makes the card of a message. Its data is asked for when it is
// opened.
export function messageCard(m, load) {
  const a = m.attributes;
  const summary = a['ce-type']?.replace(/^eeexport\./, '') ?? (m.topic === 'requests' ? 'export request' : 'message');
  const tone = { failures: 'bad', 'dead-letters': 'bad', operations: 'good', completions: 'good' }[m.topic] ?? 'kind';
  const data = h('pre', { tabIndex: 0 }, '…');
  data.setAttribute('aria-label', `Data of message ${m.id}`);
  const details = h('details', null,
    h('summary', null,
      h('span', { className: 'line' }, chip(tone, m.topic), h('span', { className: 'title clip' }, summary), when(m.time)),
      h('span', { className: 'line quiet' }, h('span', { className: 'mono clip' }, a.operation ? last(a.operation) : a.message ?? ''),
        h('span', { className: 'end' }, `${m.id} · ${m.bytes} B`))),
    h('h3', null, 'Attributes'),
    Object.keys(a).length === 0 ? h('p', { className: 'quiet' }, 'none') : h('dl', { className: 'attributes' },
      Object.entries(a).map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value)))),
    h('h3', null, 'Data'), data);
  details.addEventListener('toggle', async () => {
    if (details.open && data.textContent === '…') data.textContent = await load(m.id);
  });
  return h('li', { className: 'card', id: `message-${m.id}` }, details);
}
