/** The form of an entry: the national metadata in groups, and its items as rows. */
import { Checkbox, Input, Select } from 'antd';
import type { ReactNode } from 'react';
import { Panel } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { type EntryContent, type Finding, useClasses } from './entry-parts.tsx';
import { ItemsForm } from './items-form.tsx';

const levels = ['core', 'important', 'general'] as const;
const types = ['unconditional', 'conditional', 'refused'] as const;
const cycles = ['realtime', 'daily', 'weekly', 'half-monthly', 'monthly', 'quarterly', 'yearly'] as const;
const subjects = ['legal-person', 'natural-person', 'place', 'none'] as const;

/** Id of the control of a place in the content: findings lead there. */
export const controlId = (pointer: string): string => `at${pointer.replaceAll('/', '-')}`;

/** A control with its label and what is wrong with it. */
export function Field(props: {
  label: string;
  pointer: string;
  findings: readonly Finding[];
  wide?: boolean;
  hint?: string;
  children: ReactNode;
}) {
  const { say } = useSpeech();
  const own = props.findings.filter((f) => f.pointer === props.pointer || f.pointer.startsWith(`${props.pointer}/`));
  return (
    <div className={props.wide ? 'entry-field wide' : 'entry-field'}>
      <label htmlFor={controlId(props.pointer)}>{props.label}</label>
      {props.children}
      {props.hint ? <p className="small quiet">{props.hint}</p> : null}
      {own.map((f) => (
        <p key={f.code + f.pointer} className={f.severity === 'error' ? 'small bad-text' : 'small warn-text'}>
          {say(f)}
        </p>
      ))}
    </div>
  );
}

export function ContentForm(props: {
  content: EntryContent;
  findings: readonly Finding[];
  onChange: (content: EntryContent) => void;
}) {
  const { t, say } = useSpeech();
  const { content: c, findings } = props;
  const classes = useClasses();
  const set = (part: Partial<EntryContent>) => props.onChange({ ...c, ...part });
  const field = (pointer: string) => ({ pointer, findings });
  const name = (key: string) => t(`entries.place.${key}`);
  const bad = (pointer: string) =>
    findings.some((f) => f.pointer === pointer && f.severity === 'error') ? { status: 'error' as const } : {};
  const status = (pointer: string) => ({ id: controlId(pointer), ...bad(pointer) });
  const part = c.classification.slice(0, 3);
  const terms = (group: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`terms.${group}.${value}`) }));
  return (
    <>
      <Panel title={t('entries.form.basic')}>
        <div className="entry-form">
          <Field label={name('title-zh')} {...field('/title/zh')} wide>
            <Input
              {...status('/title/zh')}
              showCount={{ formatter: ({ count }) => `${count}/50` }}
              maxLength={200}
              value={c.title.zh}
              onChange={(e) => set({ title: { ...c.title, zh: e.target.value } })}
            />
          </Field>
          <Field label={name('title-en')} {...field('/title/en')} wide>
            <Input
              {...status('/title/en')}
              maxLength={200}
              value={c.title.en}
              onChange={(e) => set({ title: { ...c.title, en: e.target.value } })}
            />
          </Field>
          <Field label={name('abstract-zh')} {...field('/abstract/zh')} wide>
            <Input.TextArea
              {...status('/abstract/zh')}
              rows={3}
              showCount={{ formatter: ({ count }) => `${count}/256` }}
              maxLength={2000}
              value={c.abstract.zh}
              onChange={(e) => set({ abstract: { ...c.abstract, zh: e.target.value } })}
            />
          </Field>
          <Field label={t('entries.form.part')} pointer="/classification-part" findings={[]}>
            <Select
              id={controlId('/classification-part')}
              aria-label={t('entries.form.part')}
              value={classes.data?.items.some((i) => i.code === part) ? part : null}
              showSearch={{ optionFilterProp: 'label' }}
              onChange={(code: string | null) =>
                set({ classification: `${code ?? '307'}${c.classification.slice(3) || '001'}` })
              }
              options={(classes.data?.items ?? []).map((i) => ({
                value: i.code,
                label: `${i.code} ${say(i.classTitle)} / ${say(i.title)}`,
              }))}
            />
          </Field>
          <Field label={name('classification')} {...field('/classification')} hint={t('entries.form.class-hint')}>
            <Input
              {...status('/classification')}
              className="mono"
              maxLength={20}
              value={c.classification}
              onChange={(e) => set({ classification: e.target.value.trim() })}
            />
          </Field>
          <Field label={name('format')} {...field('/format')} hint={t('entries.form.format-hint')}>
            <Input
              {...status('/format')}
              maxLength={40}
              value={c.format}
              onChange={(e) => set({ format: e.target.value })}
            />
          </Field>
          <Field label={name('cycle')} {...field('/cycle')}>
            <Select
              {...status('/cycle')}
              aria-label={name('cycle')}
              value={c.cycle}
              options={terms('cadence', cycles)}
              onChange={(cycle) => set({ cycle })}
            />
          </Field>
          <Field label={name('subject')} {...field('/subject')}>
            <Select
              {...status('/subject')}
              aria-label={name('subject')}
              value={c.subject}
              options={terms('subject', subjects)}
              onChange={(subject) => set({ subject })}
            />
          </Field>
          <Field label={name('level')} {...field('/level')}>
            <Select
              {...status('/level')}
              aria-label={name('level')}
              value={c.level}
              options={terms('level', levels)}
              onChange={(level) => set({ level })}
            />
          </Field>
          <Field label={name('related')} {...field('/related')}>
            <Select
              {...status('/related')}
              aria-label={name('related')}
              mode="tags"
              open={false}
              suffixIcon={null}
              tokenSeparators={[',', '、', ' ']}
              value={c.related}
              onChange={(related: string[]) => set({ related })}
            />
          </Field>
          <Field label={name('tags')} {...field('/tags')}>
            <Select
              {...status('/tags')}
              aria-label={name('tags')}
              mode="tags"
              open={false}
              suffixIcon={null}
              tokenSeparators={[',', '、']}
              value={c.tags}
              onChange={(tags: string[]) => set({ tags })}
            />
          </Field>
        </div>
      </Panel>
      <Panel title={t('entries.form.sharing')}>
        <div className="entry-form">
          <Field label={name('sharing-type')} {...field('/sharing/type')}>
            <Select
              {...status('/sharing/type')}
              aria-label={name('sharing-type')}
              value={c.sharing.type}
              options={terms('sharing', types)}
              onChange={(type) => set({ sharing: { ...c.sharing, type } })}
            />
          </Field>
          <Field label={name('sharing-ways')} {...field('/sharing/ways')}>
            <Select
              {...status('/sharing/ways')}
              aria-label={name('sharing-ways')}
              mode="multiple"
              value={c.sharing.ways}
              options={(classes.data?.ways ?? []).map((value) => ({ value, label: value }))}
              onChange={(ways) => set({ sharing: { ...c.sharing, ways: ways as EntryContent['sharing']['ways'] } })}
            />
          </Field>
          {c.sharing.type === 'conditional' || c.sharing.condition ? (
            <Field
              label={name('sharing-condition')}
              {...field('/sharing/condition')}
              hint={t('entries.form.condition-hint')}
              wide
            >
              <Input.TextArea
                {...status('/sharing/condition')}
                rows={2}
                maxLength={500}
                value={c.sharing.condition}
                onChange={(e) => set({ sharing: { ...c.sharing, condition: e.target.value } })}
              />
            </Field>
          ) : null}
          {c.sharing.type === 'refused' || c.sharing.ground ? (
            <Field
              label={name('sharing-ground')}
              {...field('/sharing/ground')}
              hint={t('entries.form.ground-hint')}
              wide
            >
              <Input.TextArea
                {...status('/sharing/ground')}
                rows={2}
                maxLength={500}
                value={c.sharing.ground}
                onChange={(e) => set({ sharing: { ...c.sharing, ground: e.target.value } })}
              />
            </Field>
          ) : null}
          <Field label={name('open-open')} {...field('/open/open')}>
            <Checkbox
              id={controlId('/open/open')}
              checked={c.open.open}
              onChange={(e) => set({ open: { ...c.open, open: e.target.checked } })}
            >
              {t('catalogue.open')}
            </Checkbox>
          </Field>
          {c.open.open ? (
            <Field label={name('open-condition')} {...field('/open/condition')}>
              <Input
                {...status('/open/condition')}
                maxLength={500}
                value={c.open.condition}
                onChange={(e) => set({ open: { ...c.open, condition: e.target.value } })}
              />
            </Field>
          ) : null}
        </div>
      </Panel>
      <ItemsForm items={c.items} findings={findings} onChange={(items) => set({ items })} />
    </>
  );
}
