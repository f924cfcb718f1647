/** Everything that the check of an entry may find. Errors keep it from being submitted. */
const error = (zh: string, en: string) => ({ severity: 'error' as const, zh, en });
const warning = (zh: string, en: string) => ({ severity: 'warning' as const, zh, en });

export const findings = {
  'name-missing': error('缺少信息资源名称。', 'The name is missing.'),
  'name-long': error(
    '名称 {length} 个字，不得超过 {limit} 个字。',
    'The name has {length} characters; at most {limit}.',
  ),
  'abstract-missing': error('缺少信息资源摘要。', 'The abstract is missing.'),
  'abstract-long': error(
    '摘要 {length} 个字，不得超过 {limit} 个字。',
    'The abstract has {length} characters; at most {limit}.',
  ),
  'abstract-empty': warning(
    '摘要只重复了名称，请写明内容、范围和用途。',
    'The abstract only repeats the name: say what it holds, of whom and for what.',
  ),
  'class-form': error(
    '分类码“{code}”不合规：类 1 位、项 2 位、目 3 位，其后细目。',
    'The classification code "{code}" is out of form: one digit, two, three, then any.',
  ),
  'class-unknown': error('分类码“{code}”的类不存在（1、2、3）。', 'There is no class of "{code}" (1, 2 or 3).'),
  'class-part': error('分类码“{code}”的项不存在。', 'The part (项) of "{code}" does not exist.'),
  'format-missing': error('缺少信息资源格式。', 'The format is missing.'),
  'format-unknown': warning('格式“{format}”不在指南所列之中。', 'The format "{format}" is none of the guide.'),
  'level-missing': error('缺少数据分级（GB/T 43697）。', 'The level (GB/T 43697) is missing.'),
  'cycle-missing': error('缺少更新周期。', 'The update cycle is missing.'),
  'cycle-slower': warning(
    '实际约 {interval} 天更新一次，与填报的更新周期（{allowed} 天）不符。',
    'It is brought up to date every {interval} days or so, not within the {allowed} that it states.',
  ),
  'cycle-late': warning(
    '已有 {since} 天没有更新，填报的更新周期为 {allowed} 天。',
    'Nothing came for {since} days, while its cycle is {allowed}.',
  ),
  'sharing-missing': error('缺少共享类型。', 'The type of sharing is missing.'),
  'condition-added': error(
    '无条件共享不得附加条件：“{condition}”（条例第十五条）。',
    'Unconditional sharing bears no condition: "{condition}" (decree 809, article 15).',
  ),
  'condition-missing': error(
    '有条件共享须列明共享范围、使用用途等条件（条例第十五条）。',
    'Conditional sharing states its scope and use (decree 809, article 15).',
  ),
  'condition-none': error(
    '“{condition}”不是共享条件，属擅自增设条件，请列明共享范围、使用用途（条例第十五条）。',
    '"{condition}" is no condition but one made up: state scope and use (decree 809, article 15).',
  ),
  'condition-vague': warning(
    '共享条件没有写明共享范围或使用用途（条例第十五条）。',
    'The condition names neither scope nor use (decree 809, article 15).',
  ),
  'ground-missing': error(
    '不予共享须列明理由和法律、行政法规或国务院决定依据（条例第十五条）。',
    'A refusal states its law, regulation or decision of the State Council (decree 809, article 15).',
  ),
  'ground-no-law': error(
    '“{ground}”没有写明具体的法律、行政法规或国务院决定。',
    '"{ground}" names no law, administrative regulation or decision of the State Council.',
  ),
  'way-missing': warning('缺少共享方式。', 'The way of sharing is missing.'),
  'open-refused': error('不予共享的资源不能向社会开放。', 'What is not shared cannot be open to society.'),
  'open-level': warning(
    '核心或重要数据一般不向社会开放，请写明开放的依据和评估。',
    'Core and important data are not opened to society as a rule: say on what ground and assessment.',
  ),
  'open-personal': warning(
    '有 {n} 个信息项涉及个人信息，向社会开放前须去除。',
    '{n} items are personal; they are left out before it is opened to society.',
  ),
  'items-missing': error('没有信息项。', 'There are no items.'),
  'item-name': error('第 {n} 个信息项没有名称。', 'Item {n} has no name.'),
  'item-twice': error('信息项“{name}”与第 {n} 项重复。', 'The item "{name}" repeats item {n}.'),
  'item-type': error('信息项“{name}”没有数据类型。', 'The item "{name}" has no data type.'),
  'item-protection': warning(
    '信息项“{name}”像是身份证件号码，保护级别应为个人信息或敏感个人信息。',
    'The item "{name}" looks like an identity number; its protection should be personal or sensitive.',
  ),
  'item-source': warning(
    '信息项“{name}”已明确由{department}统一采集（数源部门），不应重复收集（条例第十九条）。',
    'The item "{name}" is collected by {department} for all (decree 809, article 19): do not collect it again.',
  ),
  'related-unknown': warning('目录中没有关联资源“{id}”。', 'The catalogue has no related resource "{id}".'),
  repeat: warning(
    '与{department}的“{title}”有 {n} 个信息项相同（{items}），疑似重复收集（条例第十九条）。',
    '{n} items are the same as in "{title}" of {department} ({items}): perhaps collected twice (article 19).',
  ),
  'declaration-ahead': warning(
    '来源声明已有新版本，内容与目录不一致。',
    'The source is declared anew and no longer as the catalogue says.',
  ),
  'source-gone': warning('来源声明已不存在。', 'Its source is no longer declared.'),
} as const;
