// "Try it": the request that is sent, and fields to edit it.
import { $, h, call, load, report } from './dom.js';
import { get, set, text, unwrap } from './json.js';

const asset = [['assetExportOptions', 'asset_export_options'], ['earthEngineDestination', 'earth_engine_destination'], ['name']];
const requestID = [['requestId', 'request_id']];
const args = [['arguments']];

const body = () => $('body').value;

// fill shows the values of the body in the fields.
function fill() {
  $('asset').value = text(get(body(), asset));
  $('request-id').value = text(get(body(), requestID));
  $('arguments').value = get(body(), args);
  $('asset').scrollLeft = $('asset').scrollWidth; // names differ at their ends
}

// edit sets a field of the body.
function edit(path, json) { $('body').value = set(body(), path, json); }

// open shows a body to be sent. A message is shown as the request that it holds,
// with its attributes.
export function open(request, attributes = {}) {
  const message = unwrap(request);
  $('body').value = message ? message.data : request;
  const all = Object.entries({ ...attributes, ...message?.attributes });
  $('attributes').value = all.length > 0 ? JSON.stringify(Object.fromEntries(all)) : '';
  fill();
}

// renew makes another export of the request: with a new request ID, and to an
// asset of its own, since the first one exists once the first export is done.
function renew() {
  const id = crypto.randomUUID();
  const name = text(get(body(), asset));
  edit(requestID, JSON.stringify(id));
  if (name) edit(asset, JSON.stringify(`${name.replace(/-try[0-9a-f]{6}$/, '')}-try${id.slice(0, 6)}`));
  fill();
}

async function example() {
  const answer = await load(`examples/${encodeURIComponent($('example').value)}`);
  if (!answer) return;
  open(await answer.text());
  renew();
}

function send(trigger) {
  let path = `send/${trigger}`;
  if (trigger === 'event' && $('attributes').value.trim()) path += `?attributes=${encodeURIComponent($('attributes').value)}`;
  report('Sending …');
  call(path, body());
}

// start fills in the examples, once.
export function start(examples) {
  if ($('example').childElementCount > 0) return;
  $('example').append(...examples.map((name) => h('option', { value: name }, name.replace(/\.json$/, ''))));
  $('example').value = 'random-forest-trained.json';
  $('example').addEventListener('change', example);
  $('renew').addEventListener('click', renew);
  $('asset').addEventListener('input', () => edit(asset, JSON.stringify($('asset').value)));
  $('request-id').addEventListener('input', () => edit(requestID, JSON.stringify($('request-id').value)));
  $('arguments').addEventListener('input', () => edit(args, $('arguments').value.trim() || '{}'));
  $('controls').addEventListener('toggle', fill);
  let waiting;
  $('body').addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (unwrap(body())) open(body()); else fill(); }, 200);
  });
  $('send').addEventListener('submit', (e) => {
    e.preventDefault();
    send(e.submitter?.value ?? 'http');
  });
  example();
}
