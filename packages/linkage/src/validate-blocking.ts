/** How candidates are found, as it was read. */
import { type Check, isObject } from './check.ts';
import type { BlockingModel, ColumnModel } from './model.ts';

const PARTS = /^(year|month|day|words|skipgrams|pinyin|initials|start[1-9]|end[1-9]|user|trade)$/;

/** The blocking of a model; `known` looks up the name of a column. */
export function blocking(
  c: Check,
  value: unknown,
  columns: Record<string, ColumnModel>,
  known: (name: unknown, path: (string | number)[]) => string,
): BlockingModel {
  const b = c.object(value ?? {}, ['blocking']);
  c.keys(b, ['blocking'], ['rules', 'auto', 'pairsPerRecord', 'maxPairsPerRule']);
  const rules = c.list(b.rules, ['blocking', 'rules']).map((rule, i) => {
    const path = ['blocking', 'rules', i];
    const parts = isObject(rule) ? c.list(rule.on, [...path, 'on']) : c.list(rule, path);
    if (parts.length === 0) c.bad('empty-rule', path, '分块规则为空', 'a blocking rule needs at least one part');
    if (isObject(rule)) c.keys(rule, path, ['on', 'window']);
    const window = isObject(rule) ? c.number(rule.window, [...path, 'window'], 2, 100) : undefined;
    return {
      ...(window === undefined ? {} : { window: Math.floor(window) }),
      on: parts.map((part, k) => {
        const text = c.text(part, [...path, k], '');
        const dot = text.lastIndexOf('.');
        const name = columns[text] || dot < 0 ? text : text.slice(0, dot);
        known(name, [...path, k]);
        if (name !== text && !PARTS.test(text.slice(dot + 1))) {
          c.bad(
            'unknown-part',
            [...path, k],
            `不认识“${text.slice(dot)}”`,
            `'${text.slice(dot)}' is not a part of a column`,
          );
        } else if (window !== undefined && /\.(words|skipgrams)$/.test(text)) {
          c.bad(
            'unordered-part',
            [...path, k],
            `“${text}”有多个值，不能用来排序`,
            `'${text}' has several values: records cannot be put in its order`,
          );
        }
        return text;
      }),
    };
  });
  const pairsPerRecord = c.number(b.pairsPerRecord, ['blocking', 'pairsPerRecord'], 0.01, 100_000);
  const maxPairsPerRule = c.number(b.maxPairsPerRule, ['blocking', 'maxPairsPerRule'], 1, 1e12);
  const auto = c.bool(b.auto, ['blocking', 'auto'], true);
  if (!auto && rules.length === 0)
    c.bad(
      'no-blocking',
      ['blocking'],
      '没有规则且不自动寻找，就没有候选对',
      'without rules and without auto there are no candidates',
    );
  return {
    rules,
    auto,
    ...(pairsPerRecord ? { pairsPerRecord } : {}),
    ...(maxPairsPerRule ? { maxPairsPerRule } : {}),
  };
}
