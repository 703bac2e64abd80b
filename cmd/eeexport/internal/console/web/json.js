// Editing JSON without parsing it: what is not edited keeps its bytes, its order
// and its numbers, as an expression must.

const space = (s, i) => { while (' \t\r\n'.includes(s[i] ?? 'x')) i++; return i; };

function skipString(s, i) {
  for (i++; i < s.length; i++) {
    if (s[i] === '\\') i++;
    else if (s[i] === '"') return i + 1;
  }
  return -1;
}

// skipValue returns where the value at i ends; -1 if it does not.
function skipValue(s, i) {
  if (s[i] === '"') return skipString(s, i);
  if (s[i] !== '{' && s[i] !== '[') {
    const end = s.slice(i).search(/[,\]}\s]/);
    return end > 0 ? i + end : -1;
  }
  for (let depth = 0; i < s.length; i++) {
    if (s[i] === '"') {
      i = skipString(s, i) - 1;
      if (i < 0) return -1;
    } else if (s[i] === '{' || s[i] === '[') depth++;
    else if ((s[i] === '}' || s[i] === ']') && --depth === 0) return i + 1;
  }
  return -1;
}

// member returns where the value of an object's member is; null if there is
// none. Names are those that it may have.
function member(s, start, names) {
  let i = space(s, start);
  if (s[i] !== '{') return null;
  for (i = space(s, i + 1); s[i] === '"'; i = space(s, i + 1)) {
    const nameEnd = skipString(s, i);
    const value = space(s, space(s, nameEnd) + 1);
    const end = skipValue(s, value);
    if (nameEnd < 0 || end < 0) return null;
    if (names.includes(s.slice(i + 1, nameEnd - 1))) return [value, end];
    i = space(s, end);
    if (s[i] !== ',') return null;
  }
  return null;
}

// find returns where the value at a path is.
function find(s, path) {
  let at = [0, s.length];
  for (const names of path) at = at && member(s, at[0], names);
  return at;
}

// get returns the JSON of the value at a path; '' if there is no value.
export function get(s, path) {
  const at = find(s, path);
  return at ? s.slice(...at) : '';
}

// set returns the text with the value at a path replaced, or added.
export function set(s, path, json) {
  const at = find(s, path);
  if (at) return s.slice(0, at[0]) + json + s.slice(at[1]);
  const names = path.at(-1);
  const parent = find(s, path.slice(0, -1));
  if (!parent) return set(s, path.slice(0, -1), `{${JSON.stringify(names[0])}: ${json}}`);
  const open = space(s, parent[0]);
  if (s[open] !== '{') return s;
  const more = s[space(s, open + 1)] === '}' ? '' : ', ';
  return `${s.slice(0, open + 1)}${JSON.stringify(names[0])}: ${json}${more}${s.slice(open + 1)}`;
}

// text returns the text of a JSON string; '' for any other value.
export function text(json) {
  try {
    const value = JSON.parse(json);
    return typeof value === 'string' ? value : '';
  } catch { return ''; }
}

// unwrap returns the data and the attributes of a Pub/Sub message in JSON, as it
// is pushed, as gcloud prints it, or bare; null if it is not a message.
export function unwrap(json) {
  let value;
  try { value = JSON.parse(json); } catch { return null; }
  if (Array.isArray(value) && value.length === 1) [value] = value;
  if (value === null || typeof value !== 'object' || value.expression) return null;
  const message = value.message ?? value;
  if (typeof message.data !== 'string') return null;
  try {
    const bytes = Uint8Array.from(atob(message.data), (c) => c.codePointAt(0));
    return { data: new TextDecoder('utf-8', { fatal: true }).decode(bytes), attributes: message.attributes ?? {} };
  } catch { return null; }
}
