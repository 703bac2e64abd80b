// What all parts of the page are made with. Everything from outside is inserted
// as text, never as markup.

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

export const $ = (id) => document.getElementById(id);

export const chip = (tone, text, title) => h('span', { className: `chip ${tone}`, title: title ?? '' }, text);

// tail is a name that is clipped at its start, where all names are the same.
export const tail = (name, className = '') => h('span', { className: `clip tail ${className}`, title: name }, h('bdi', null, name));

export const button = (text, label, onclick) => h('button', { type: 'button', className: 'small', 'aria-label': label, onclick }, text);

export const clock = (time) => {
  const t = new Date(time);
  return t.toLocaleTimeString('en-GB') + '.' + String(t.getMilliseconds()).padStart(3, '0');
};

export const when = (time) => h('time', { dateTime: time }, clock(time));
export const last = (name) => name.slice(name.lastIndexOf('/') + 1);
export const count = (n, thing) => `${n} ${thing}${n === 1 ? '' : 's'}`;
export const millis = (ms) => (ms < 10 ? ms.toFixed(1) : String(Math.round(ms))) + ' ms';

// report shows the result of an action in the status line.
export function report(text, failed = false, lost = false) {
  $('result').textContent = text && `${clock(new Date())}  ${text}`;
  $('result').className = failed ? 'failed' : '';
  $('result').dataset.lost = lost;
}

// found clears the report that the console cannot be reached.
export function found() {
  if ($('result').dataset.lost === 'true') report('');
}

// ask returns the answer to a request; null if the console cannot be reached.
async function ask(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    report(`The console cannot be reached: ${error.message}`, true, true);
    return null;
  }
}

// call makes the server act, and reports its answer.
export async function call(path, body = '') {
  const answer = await ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  if (answer) report((await answer.text()).trim(), !answer.ok);
}

// load gets a resource; null, and a report, if there is none.
export async function load(path) {
  const answer = await ask(path);
  if (!answer || answer.ok) return answer;
  report(`${path}: ${(await answer.text()).trim()}`, true);
  return null;
}

// copy puts a text on the clipboard.
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    report(`Copied ${what}.`);
  } catch (error) {
    report(`${what} cannot be copied: ${error.message}`, true);
  }
}
