/** What the check before opening may find: code, gravity, sentences in both languages, who may let it pass. */

/** `never`: nobody may let it pass; `block`: the authority may, on a ground of law; `note`: to be known. */
export type Gravity = 'never' | 'block' | 'note';

/** A change of the plan that would mend a finding; applied with one click. */
export type Mend =
  | { kind: 'show'; item: string; as: { kind: string; width?: number; length?: number } }
  | { kind: 'drop'; item: string }
  | { kind: 'leave-out-small' };

/** One finding. Examples show their form only, never a value. */
export interface Finding {
  /** `code` and items: what an overruling speaks of. */
  key: string;
  code: string;
  gravity: Gravity;
  items: string[];
  /** In how many places, out of how many. */
  places: number;
  of: number;
  examples: string[];
  zh: string;
  en: string;
  mends: (Mend & { zh: string; en: string })[];
}

const kinds = {
  level: ['never', '目录条目为{level}数据，不得开放。', 'The entry is {level} data and is never opened.'],
  refused: ['never', '目录条目为不予共享，不得开放。', 'The entry is not even shared, so it is never opened.'],
  'not-open': [
    'block',
    '目录条目没有列入开放。请先修订目录的开放属性，或由主管部门依法说明。',
    'The catalogue does not list the entry as open. Have the catalogue changed, or the authority says why by law.',
  ],
  condition: [
    'block',
    '目录规定了开放条件“{condition}”，方案没有写明如何满足。',
    'The catalogue sets a condition for opening (“{condition}”); the plan does not say how it is met.',
  ],
  ground: [
    'block',
    '没有写明开放的法律依据（法律、法规或国家规定的名称）。',
    'The legal ground of opening is missing: name the law, regulation or rule.',
  ],
  'item-sensitive': [
    'never',
    '“{item}”是敏感个人信息，不得开放；可改为只说“有无”或去掉。',
    '“{item}” is sensitive personal data and is never opened; tell whether it is there, or drop it.',
  ],
  'item-personal': [
    'never',
    '“{item}”是个人信息，不得原样开放；可泛化或去掉。',
    '“{item}” is personal data and is not opened as it is; generalise or drop it.',
  ],
  'item-number': [
    'block',
    '“{item}”逐行编号，借它可以与别处的记录对上同一个人。',
    '“{item}” numbers every row: by it records elsewhere are joined to the same person.',
  ],
  'item-internal': ['block', '“{item}”在目录中为内部数据。', '“{item}” is internal by the catalogue.'],
  'value-citizen-id': ['never', '“{item}”的值里有公民身份号码。', 'Values of “{item}” hold citizen identity numbers.'],
  'value-phone': ['never', '“{item}”的值里有手机号码。', 'Values of “{item}” hold mobile numbers.'],
  'value-bank-card': [
    'never',
    '“{item}”的值里有银行卡号（Luhn 校验通过）。',
    'Values of “{item}” hold bank card numbers (Luhn).',
  ],
  'value-token': [
    'never',
    '“{item}”的值里有身份保险库的代号。',
    'Values of “{item}” hold tokens of the identity vault.',
  ],
  'value-passport': ['block', '“{item}”的值像护照或通行证号码。', 'Values of “{item}” look like passport numbers.'],
  'value-email': ['block', '“{item}”的值里有电子邮箱。', 'Values of “{item}” hold e-mail addresses.'],
  'value-fixed-phone': ['block', '“{item}”的值里有固定电话。', 'Values of “{item}” hold fixed-line numbers.'],
  'value-plate': ['block', '“{item}”的值里有车牌号码。', 'Values of “{item}” hold plate numbers.'],
  'value-name': [
    'block',
    '“{item}”的值像自然人姓名，与其他标识放在一起可以认出本人。',
    'Values of “{item}” read like names of people; beside other identifiers they tell who it is.',
  ],
  'value-door': ['block', '“{item}”的值是细到门牌的地址。', 'Values of “{item}” are addresses down to the door.'],
  'k-anonymity': [
    'never',
    '有 {places} 行所在的组合（{items}）不足 {k} 行，其中 {unique} 行独一无二，可能据此认出本人。',
    '{places} rows are in combinations ({items}) of fewer than {k}, {unique} of them alone of their kind: somebody could be known by it.',
  ],
  'k-organisation': [
    'block',
    '有 {places} 行所在的组合（{items}）不足 {k} 家，隐去名称后仍可认出是哪一家。',
    '{places} rows are in combinations ({items}) of fewer than {k}: without its name an organisation is still known.',
  ],
  'no-quasi': [
    'block',
    '数据逐行说的是人，但没有可供检查的准标识符，请指定。',
    'The rows tell of people, but there is nothing by which uniqueness could be judged: name the quasi-identifiers.',
  ],
  'l-diversity': [
    'block',
    '有 {groups} 个组合里“{item}”取值少于 {l} 种：知道某人在组内，就知道了他的“{item}”。',
    'In {groups} combinations “{item}” has fewer than {l} values: who knows somebody to be in one knows their “{item}”.',
  ],
  'left-out': [
    'note',
    '为保护小组合略去 {places} 行（{share}%）。',
    '{places} rows ({share}%) of small combinations are left out.',
  ],
  'left-out-much': [
    'block',
    '为保护小组合要略去 {places} 行（{share}%），数据将严重失真，请进一步泛化。',
    '{places} rows ({share}%) would be left out: the data would mislead. Generalise further.',
  ],
  'small-cells': [
    'note',
    '有 {primary} 个格子不足 {k}，连同为防推算而隐去的共 {places} 个格子不公布。',
    '{primary} cells are of fewer than {k}; with those withheld so that they cannot be reckoned, {places} are withheld.',
  ],
  'cells-mostly-withheld': [
    'block',
    '{of} 个格子中有 {places} 个要隐去，统计表已无意义，请减少分组或进一步泛化。',
    '{places} of {of} cells would be withheld: generalise the groupings.',
  ],
  'too-many-cells': [
    'never',
    '分组后格子过多（{places}，最多 {most}），请减少分组或进一步泛化。',
    'The groupings make {places} cells ({most} at most): generalise them.',
  ],
  'edition-difference': [
    'block',
    '与以前的版本相比，有 {places} 处只差不足 {k}，两版相减就能知道是谁的变化。',
    'Against an earlier edition {places} groups differ by fewer than {k}: the difference of the two tells of these few.',
  ],
  sibling: [
    'note',
    '同一目录条目还开放了“{titles}”，请注意两者拼合后能看出什么。',
    'The same entry is opened as “{titles}” too: mind what both together give away.',
  ],
  named: [
    'note',
    '每一行都点明了是哪一个对象（{items}），所以不检查能否被重新识别。',
    'Every row names what it is about ({items}), so that being known again is not judged.',
  ],
  empty: ['never', '按方案没有任何数据。', 'By this plan there is no data at all.'],
  gone: ['never', '目录条目“{item}”已没有这个数据项。', 'The entry no longer has an item “{item}”.'],
} as const satisfies Record<string, readonly [Gravity, string, string]>;
export type FindingCode = keyof typeof kinds;

const mendSaid = (m: Mend, title: (item: string) => { zh: string; en: string }): { zh: string; en: string } => {
  if (m.kind === 'leave-out-small') return { zh: '略去小组合中的行', en: 'Leave out rows of small combinations' };
  const t = title(m.item);
  if (m.kind === 'drop') return { zh: `去掉“${t.zh}”`, en: `Drop “${t.en}”` };
  const said: Record<string, [string, string]> = {
    ...{ month: ['只到月', 'by month'], year: ['只到年', 'by year'], town: ['只到镇街', 'by town'] },
    ...{
      present: ['只说有无', 'as whether it is given'],
      band: [`按每 ${m.as.width} 分段`, `in bands of ${m.as.width}`],
    },
    prefix: [`只留前 ${m.as.length} 位`, `by its first ${m.as.length} characters`],
  };
  const [zh, en] = said[m.as.kind] ?? ['', ''];
  return { zh: `“${t.zh}”${zh}`, en: `“${t.en}” ${en}` };
};

/** Makes a finding. `title` names an item. */
export function finding(
  code: FindingCode,
  given: {
    items?: readonly string[];
    places?: number;
    of?: number;
    examples?: readonly string[];
    mends?: readonly Mend[];
    params?: Record<string, string | number | { zh: string; en: string }>;
  },
  title: (item: string) => { zh: string; en: string },
): Finding {
  const [gravity, zh, en] = kinds[code];
  const items = [...(given.items ?? [])];
  const params: Record<string, string | number | { zh: string; en: string }> = {
    ...{ places: given.places ?? 0, of: given.of ?? 0 },
    items: { zh: items.map((i) => title(i).zh).join('、'), en: items.map((i) => title(i).en).join(', ') },
    ...(items[0] ? { item: title(items[0]) } : {}),
    ...given.params,
  };
  const say = (text: string, language: 'zh' | 'en') =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = params[name] ?? '';
      return typeof value === 'object' ? value[language] : String(value);
    });
  return {
    ...{ key: `${code}:${[...items].sort().join('+')}`, code: `open.check.${code}`, gravity, items },
    ...{ places: given.places ?? 0, of: given.of ?? 0, examples: [...(given.examples ?? [])] },
    ...{ zh: say(zh, 'zh'), en: say(en, 'en') },
    mends: (given.mends ?? []).map((m) => ({ ...m, ...mendSaid(m, title) })),
  };
}
