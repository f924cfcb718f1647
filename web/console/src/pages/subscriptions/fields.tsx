/** The fields of a subscription: where to, and what. Used to make one and to change one. */
import { Checkbox, Input, InputNumber, Radio, Select } from 'antd';
import { type ReactNode, useId } from 'react';
import { useSpeech } from '../../i18n/index.ts';

export const kinds = ['webhook', 'mqtt', 'pull'] as const;
export const changeKinds = ['added', 'changed', 'removed'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** What is filled in. */
export interface Draft {
  title: string;
  kind: (typeof kinds)[number];
  url: string;
  topic: string;
  version: 4 | 5;
  user: string;
  password: string;
  ca: string;
  /** null: all granted items. */
  items: string[] | null;
  changes: ChangeKind[];
  batch: number;
}

export const emptyDraft: Draft = {
  ...{
    title: '',
    kind: 'webhook',
    url: '',
    topic: 'jingwei/{source}/{subscription}',
    version: 5,
    user: '',
    password: '',
  },
  ...{ ca: '', items: null, changes: [...changeKinds], batch: 100 },
};

/** A label above its field, with a note below. */
export function Field({
  label,
  note,
  children,
}: {
  label: string;
  note?: string;
  children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div style={{ display: 'grid', gap: 6 }}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {note ? <p className="small quiet">{note}</p> : null}
    </div>
  );
}

type Set = (part: Partial<Draft>) => void;

/** Where to. */
export function TargetFields({ draft, set, again = false }: { draft: Draft; set: Set; again?: boolean }) {
  const { t } = useSpeech();
  if (draft.kind === 'pull') return <p className="small quiet">{t('subscriptions.kind-text.pull')}</p>;
  const mqtt = draft.kind === 'mqtt';
  return (
    <>
      <Field label={t(mqtt ? 'subscriptions.broker' : 'subscriptions.url')} note={t('subscriptions.url-note')}>
        {(id) => (
          <Input
            id={id}
            inputMode="url"
            maxLength={2000}
            placeholder={t(mqtt ? 'subscriptions.broker-hint' : 'subscriptions.url-hint')}
            value={draft.url}
            onChange={(event) => set({ url: event.target.value })}
          />
        )}
      </Field>
      {mqtt ? (
        <>
          <Field label={t('subscriptions.topic')} note={t('subscriptions.topic-note')}>
            {(id) => (
              <Input
                id={id}
                maxLength={500}
                value={draft.topic}
                onChange={(event) => set({ topic: event.target.value })}
              />
            )}
          </Field>
          <Field label={t('subscriptions.version')}>
            {(id) => (
              <Select
                id={id}
                aria-label={t('subscriptions.version')}
                style={{ maxWidth: 200 }}
                value={draft.version}
                onChange={(version) => set({ version })}
                options={[
                  { value: 5 as const, label: 'MQTT 5' },
                  { value: 4 as const, label: 'MQTT 3.1.1' },
                ]}
              />
            )}
          </Field>
          <Field label={t('subscriptions.user')}>
            {(id) => (
              <Input
                id={id}
                autoComplete="off"
                maxLength={200}
                value={draft.user}
                onChange={(event) => set({ user: event.target.value })}
              />
            )}
          </Field>
          <Field
            label={t('subscriptions.password')}
            note={`${again ? `${t('subscriptions.password-keep')} · ` : ''}${t('subscriptions.password-note')}`}
          >
            {(id) => (
              <Input.Password
                id={id}
                autoComplete="new-password"
                maxLength={500}
                value={draft.password}
                onChange={(event) => set({ password: event.target.value })}
              />
            )}
          </Field>
        </>
      ) : null}
      <Field label={t('subscriptions.ca')}>
        {(id) => (
          <Input.TextArea
            id={id}
            rows={2}
            maxLength={20_000}
            placeholder="-----BEGIN CERTIFICATE-----"
            value={draft.ca}
            onChange={(event) => set({ ca: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

/** What. */
export function ContentFields({
  draft,
  set,
  items,
}: {
  draft: Draft;
  set: Set;
  items: readonly { name: string; title: { zh: string; en: string }; shown: 'plain' | 'masked' }[];
}) {
  const { t, say } = useSpeech();
  return (
    <>
      <Field label={t('subscriptions.title')}>
        {(id) => (
          <Input id={id} maxLength={100} value={draft.title} onChange={(event) => set({ title: event.target.value })} />
        )}
      </Field>
      <Field label={t('subscriptions.changes')}>
        {() => (
          <Checkbox.Group
            value={draft.changes}
            onChange={(next) => set({ changes: changeKinds.filter((c) => next.includes(c)) })}
            options={changeKinds.map((value) => ({ value, label: t(`subscriptions.change.${value}`) }))}
          />
        )}
      </Field>
      <Field label={t('subscriptions.items')}>
        {(id) => (
          <Select
            id={id}
            aria-label={t('subscriptions.items')}
            mode="multiple"
            allowClear
            optionFilterProp="label"
            placeholder={t('subscriptions.items-all')}
            value={draft.items ?? []}
            onChange={(next: string[]) => set({ items: next.length ? next : null })}
            options={items.map((i) => ({
              value: i.name,
              label: i.shown === 'masked' ? `${say(i.title)}（${t('subscriptions.masked')}）` : say(i.title),
            }))}
          />
        )}
      </Field>
      <Field label={t('subscriptions.batch')} note={t('subscriptions.batch-note')}>
        {(id) => (
          <InputNumber id={id} min={1} max={500} value={draft.batch} onChange={(batch) => set({ batch: batch ?? 1 })} />
        )}
      </Field>
    </>
  );
}

/** Which way. */
export function KindField({ draft, set }: { draft: Draft; set: Set }) {
  const { t } = useSpeech();
  return (
    <Radio.Group
      aria-label={t('subscriptions.step-target')}
      value={draft.kind}
      onChange={(event) => set({ kind: event.target.value as Draft['kind'], url: '' })}
      style={{ display: 'grid', gap: 8 }}
    >
      {kinds.map((kind) => (
        <Radio key={kind} value={kind}>
          {t(`subscriptions.kind.${kind}`)}
          <span className="small quiet" style={{ display: 'block' }}>
            {t(`subscriptions.kind-text.${kind}`)}
          </span>
        </Radio>
      ))}
    </Radio.Group>
  );
}

/** The target as the hub takes it. `again`: a password that was left blank stays as it was. */
export function targetOf(draft: Draft, again = false) {
  const ca = draft.ca.trim() || null;
  if (draft.kind === 'pull') return { kind: 'pull' as const };
  if (draft.kind === 'webhook') return { kind: 'webhook' as const, url: draft.url.trim(), ca };
  return {
    ...{ kind: 'mqtt' as const, url: draft.url.trim(), topic: draft.topic.trim(), version: draft.version, ca },
    user: draft.user.trim() || null,
    ...(draft.password || !again ? { password: draft.password || null } : {}),
  };
}

/** Whether what must be there is there; the hub judges the rest. */
export const filledIn = (draft: Draft): boolean =>
  draft.title.trim().length >= 2 && draft.changes.length > 0 && (draft.kind === 'pull' || draft.url.trim().length > 0);
