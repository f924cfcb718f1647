import { describe, expect, test } from 'vitest';
import { check, type Design, type FieldKind } from '../shared/pure.ts';
import { begun, changed, freeName, moved, newField, redone, renamed, undone, unfinished, without } from './editing.ts';

const base: Design = {
  title: { zh: '走访' },
  fields: [
    newField('text', '姓名', []),
    {
      ...newField('integer', '人数', []),
      name: 'n',
      visible: "text == 'n' and blank(text)",
    } as Design['fields'][number],
    { ...newField('table', '事项', []), name: 'needs' } as Design['fields'][number],
  ],
  rules: [{ id: 'r', expression: 'n > count(needs)', message: { zh: '不对' }, fields: ['n'] }],
  flow: { check: null, accept: { days: 5 }, mendDays: 5, fourEyes: true },
  listed: ['text', 'n'],
  caption: 'text',
  source: {
    enabled: true,
    subject: 'none',
    category: 'other',
    level: 'general',
    sharing: { type: 'conditional', condition: '按需' },
    cadence: 'daily',
  },
};

const kinds: FieldKind[] = [
  'text',
  'long-text',
  'integer',
  'decimal',
  'date',
  'datetime',
  'boolean',
  'choice',
  'citizen-id',
  'phone',
  'uscc',
  'address',
  'place',
  'picture',
  'file',
  'signature',
  'relation',
  'calculated',
  'table',
  'section',
  'note',
];

describe('editing a design', () => {
  test('a new field of every kind is one that the hub takes', () => {
    const fields: Design['fields'] = [];
    for (const kind of kinds)
      fields.push(
        newField(
          kind,
          kind,
          fields.map((f) => f.name),
        ),
      );
    expect(check({ ...base, fields, rules: [], listed: [], caption: undefined })).toEqual([]);
    expect(unfinished({ ...base, fields })).toEqual([]);
  });

  test('back and forth again; typing one text is one step', () => {
    const one = { ...base, title: { zh: '走' } };
    const two = { ...base, title: { zh: '走访表' } };
    let history = changed(changed(begun(base), one, 'title'), two, 'title');
    expect(history.past).toHaveLength(1);
    history = undone(history);
    expect(history.now).toBe(base);
    expect(redone(history).now).toBe(two);
    expect(undone(begun(base)).now).toBe(base);
    expect(changed(history, one).future).toEqual([]);
  });

  test('a new name goes into conditions, calculations, rules, list and caption, never into quoted texts', () => {
    const next = renamed(renamed(base, 'n', 'people'), 'needs', 'wants');
    expect(next.rules[0]).toMatchObject({ expression: 'people > count(wants)', fields: ['people'] });
    expect(next.fields[1]).toMatchObject({ name: 'people', visible: "text == 'n' and blank(text)" });
    expect(next.listed).toEqual(['text', 'people']);
    expect(renamed(base, 'text', 'who').caption).toBe('who');
    expect(check(next)).toEqual([]);
  });

  test('a removed field is found by the check where it is still read, and leaves list and caption', () => {
    const next = without(base, 'text');
    expect(next).not.toHaveProperty('caption');
    expect(next.listed).toEqual(['n']);
    expect(check(next).map((f) => f.at)).toContain('n');
  });

  test('order, free names, and what keeps a draft from being saved', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
    expect(moved(['a', 'b'], 1, -5)).toEqual(['b', 'a']);
    expect(freeName('text', ['text', 'text_2'])).toBe('text_3');
    expect(unfinished({ ...base, title: { zh: ' ' }, fields: [] })).toHaveLength(2);
    expect(
      unfinished({ ...base, fields: [{ ...newField('choice', '类', []), name: 'Bad' } as Design['fields'][number]] })[0]
        ?.at,
    ).toBe('Bad');
  });
});
