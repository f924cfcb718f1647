/** Units of measures: one factor takes a value from one unit to another of the same kind. */

/** By kind: how many of the kind's smallest unit each one is. */
const kinds: readonly Readonly<Record<string, number>>[] = [
  { 元: 1, 千元: 1e3, 万元: 1e4, 百万元: 1e6, 亿元: 1e8 },
  { 美元: 1, 万美元: 1e4, 亿美元: 1e8 },
  { 千瓦时: 1, 万千瓦时: 1e4, 亿千瓦时: 1e8 },
  { 立方米: 1, 万立方米: 1e4 },
  { 吨标准煤: 1, 万吨标准煤: 1e4 },
  { 平方米: 1, 亩: 2000 / 3, 公顷: 1e4 },
  { 人: 1, 万人: 1e4 },
  { 吨: 1, 万吨: 1e4 },
  { 家: 1 },
];

/** By what a value in `from` is multiplied to be in `to`; undefined when they do not measure the same. */
export function factor(from: string, to: string): number | undefined {
  if (from === to) return 1;
  const kind = kinds.find((k) => from in k && to in k);
  return kind ? kind[from]! / kind[to]! : undefined;
}
