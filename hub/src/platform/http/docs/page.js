/** Lists the routes of /api/openapi.json and sends requests with the session of whoever looks. */

const routes = document.getElementById('routes');
const filter = document.getElementById('filter');

/** An element with attributes and children; texts are never read as HTML. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.filter((c) => c !== undefined));
  return node;
}

/** A value of the schema's shape, for the body to start from. */
function example(schema, all, depth = 0) {
  if (!schema || depth > 6) return null;
  if (schema.$ref) return example(all[schema.$ref.split('/').at(-1)], all, depth + 1);
  if ('default' in schema) return schema.default;
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choice) return example(choice[0], all, depth + 1);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([k, v]) => [k, example(v, all, depth + 1)]),
      );
    case 'array':
      return [example(schema.items, all, depth + 1)];
    case 'integer':
    case 'number':
      return schema.minimum > 0 ? schema.minimum : 0;
    case 'boolean':
      return false;
    case 'string':
      return '';
    default:
      return null;
  }
}

function formOf(method, path, operation, all) {
  const form = el('form');
  const inputs = (operation.parameters ?? []).map((p) => {
    const input = el('input', { name: p.name, placeholder: p.schema?.type ?? '' });
    if (p.required) input.required = true;
    form.append(el('label', {}, el('span', {}, `${p.name}${p.required ? ' *' : ''} (${p.in})`), input));
    return { p, input };
  });
  const schema = operation.requestBody?.content['application/json']?.schema;
  const body = schema && el('textarea', { 'aria-label': 'body' });
  if (body) {
    body.value = JSON.stringify(example(schema, all), null, 2);
    form.append(body);
  }
  const output = el('pre', { hidden: '' });
  form.append(el('button', {}, '发送 / Send'));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    for (const { p, input } of inputs) {
      if (p.in === 'path') url = url.replace(`{${p.name}}`, encodeURIComponent(input.value));
      else if (input.value !== '') {
        const values = p.schema?.type === 'array' ? input.value.split(/\s+/) : [input.value];
        for (const value of values) query.append(p.name, value);
      }
    }
    if (query.size) url += `?${query}`;
    output.hidden = false;
    output.textContent = '…';
    try {
      const headers = body ? { 'content-type': 'application/json' } : {};
      const answer = await fetch(url, { method: method.toUpperCase(), headers, body: body?.value });
      const text = await answer.text();
      let shown = text;
      if (answer.headers.get('content-type')?.includes('json')) shown = JSON.stringify(JSON.parse(text), null, 2);
      output.textContent = `${answer.status} ${url}\n\n${shown.slice(0, 100_000)}`;
    } catch (error) {
      output.textContent = String(error);
    }
  });
  return el('div', {}, form, output);
}

function problemsOf(operation) {
  const failing = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
  return el('pre', {}, failing.map(([status, r]) => `${status}\n  ${r.description.replaceAll('\n\n', '\n  ')}`).join('\n'));
}

function show(api) {
  routes.replaceChildren();
  const wanted = filter.value.trim().toLowerCase();
  const all = api.components.schemas;
  for (const { name } of api.tags) {
    const list = [];
    for (const [path, item] of Object.entries(api.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        if (operation.tags[0] !== name) continue;
        const text = `${method} ${path} ${operation.summary} ${operation.description}`.toLowerCase();
        if (!text.includes(wanted)) continue;
        const details = el(
          'details',
          {},
          el(
            'summary',
            {},
            el('span', { class: 'method' }, method.toUpperCase()),
            el('code', {}, path),
            ` ${operation.summary}`,
            el('span', { class: 'access' }, operation['x-access']),
          ),
        );
        // The form is made when it is first opened: there are many routes.
        details.addEventListener(
          'toggle',
          () => details.append(el('p', {}, operation.description), formOf(method, path, operation, all), problemsOf(operation)),
          { once: true },
        );
        list.push(details);
      }
    }
    if (list.length) routes.append(el('h2', {}, name), ...list);
  }
}

const api = await (await fetch('/api/openapi.json')).json();
filter.addEventListener('input', () => show(api));
show(api);
