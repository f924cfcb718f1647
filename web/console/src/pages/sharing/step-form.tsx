/** The steps that are open to somebody, with what each must bring. Made from what the hub says: the page knows no flow. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, Input, Radio, Select } from 'antd';
import dayjs from 'dayjs';
import { type ReactNode, useId, useState } from 'react';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import type { OpenStep } from './shared.tsx';

/** What a step brings. */
export interface StepGiven {
  action: string;
  comment: string;
  data: Record<string, unknown>;
}

function Field({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <div>{children(id)}</div>
    </div>
  );
}

function Day({
  label,
  value,
  onChange,
}: {
  label: string;
  value: unknown;
  onChange: (day: string | undefined) => void;
}) {
  return (
    <Field label={label}>
      {(id) => (
        <DatePicker
          id={id}
          aria-label={label}
          value={typeof value === 'string' ? dayjs(value) : null}
          format="YYYY-MM-DD"
          onChange={(next) => onChange(next ? next.format('YYYY-MM-DD') : undefined)}
        />
      )}
    </Field>
  );
}

/** Inputs for one need of a step. */
function Need({ need, data, set }: { need: string; data: Record<string, unknown>; set: (patch: object) => void }) {
  const { t } = useSpeech();
  const label = t(`sharing.need.${need}`);
  switch (need) {
    case 'share':
      return (
        <Radio.Group
          aria-label={label}
          value={data.share}
          onChange={(event) => set({ share: event.target.value as boolean })}
          options={[
            { value: true, label: t('sharing.advice-yes') },
            { value: false, label: t('sharing.advice-no') },
          ]}
        />
      );
    case 'why':
    case 'outcome': {
      const values = need === 'why' ? ['achieved', 'impossible', 'unnecessary'] : ['share', 'keep', 'other'];
      return (
        <Field label={label}>
          {(id) => (
            <Select
              id={id}
              aria-label={label}
              style={{ minWidth: 220 }}
              value={(data[need] as string) ?? null}
              onChange={(value: string) => set({ [need]: value })}
              options={values.map((value) => ({ value, label: t(`sharing.${need}.${value}`) }))}
            />
          )}
        </Field>
      );
    }
    case 'mendBy':
    case 'until':
      return <Day label={label} value={data[need]} onChange={(d) => set({ [need]: d })} />;
    case 'missing':
      return (
        <Field label={label}>
          {(id) => (
            <Input.TextArea
              id={id}
              rows={4}
              maxLength={4000}
              onChange={(event) => {
                const lines = event.target.value.split('\n').map((l) => l.trim());
                set({ missing: lines.filter(Boolean) });
              }}
            />
          )}
        </Field>
      );
    case 'change': {
      const change = data.change as { end?: true; until?: string } | undefined;
      return (
        <div className="stack-s">
          <Radio.Group
            aria-label={label}
            value={change === undefined ? undefined : change.end ? 'end' : 'until'}
            onChange={(event) => set({ change: event.target.value === 'end' ? { end: true } : {} })}
            options={[
              { value: 'end', label: t('sharing.change-end') },
              { value: 'until', label: t('sharing.change-until') },
            ]}
          />
          {change && !change.end ? (
            <Day
              label={t('sharing.change-until')}
              value={change.until}
              onChange={(until) => set({ change: until ? { until } : {} })}
            />
          ) : null}
        </div>
      );
    }
    case 'disposal': {
      const disposal = (data.disposal ?? {}) as Record<string, string>;
      const put = (patch: object) => set({ disposal: { ...disposal, ...patch } });
      return (
        <div className="stack-s">
          {(['how', 'where'] as const).map((name) => (
            <Field key={name} label={t(`sharing.disposal-${name}`)}>
              {(id) => <Input id={id} maxLength={200} onChange={(event) => put({ [name]: event.target.value })} />}
            </Field>
          ))}
          <Day label={t('sharing.disposal-day')} value={disposal.day} onChange={(d) => put({ day: d })} />
        </div>
      );
    }
    default:
      return (
        <Field label={label}>
          {(id) => (
            <Input
              id={id}
              maxLength={500}
              onChange={(event) => set({ [need]: event.target.value.trim() || undefined })}
            />
          )}
        </Field>
      );
  }
}

/** Buttons for the open steps; the chosen one asks for what it needs. */
export function StepForm({
  steps,
  take,
  invalidate,
}: {
  steps: readonly OpenStep[];
  take: (given: StepGiven) => Promise<unknown>;
  invalidate: readonly string[];
}) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [action, setAction] = useState<string>();
  const [comment, setComment] = useState('');
  const [data, setData] = useState<Record<string, unknown>>({});
  const chosen = steps.find((s) => s.action === action);
  const run = useMutation({
    mutationFn: take,
    onSuccess: () => {
      message.success(t('sharing.done'));
      setAction(undefined);
      setComment('');
      setData({});
    },
    onSettled: () => client.invalidateQueries({ queryKey: [...invalidate] }),
  });
  if (!steps.length) return <p className="small quiet">{t('sharing.no-steps')}</p>;
  const needs = chosen?.needs.filter((n) => n !== 'comment') ?? [];
  return (
    <div className="stack-s">
      <div className="row" style={{ flexWrap: 'wrap' }}>
        {steps.map((s) => (
          <Button
            key={s.action}
            type={s.action === action ? 'primary' : 'default'}
            aria-pressed={s.action === action}
            onClick={() => {
              setAction(s.action === action ? undefined : s.action);
              setData({});
              run.reset();
            }}
          >
            {say(s.title)}
          </Button>
        ))}
      </div>
      {chosen ? (
        <div className="note stack-s">
          <p className="small quiet">
            {t(`sharing.actor.${chosen.as}`)}
            {chosen.article ? ` · ${t('sharing.article', { n: chosen.article })}` : ''}
          </p>
          {needs.map((need) => (
            <Need
              key={`${chosen.action} ${need}`}
              need={need}
              data={data}
              set={(patch) => setData({ ...data, ...patch })}
            />
          ))}
          <Field label={t('sharing.comment')}>
            {(id) => (
              <Input.TextArea
                id={id}
                rows={3}
                maxLength={1000}
                value={comment}
                onChange={(event) => setComment(event.target.value)}
              />
            )}
          </Field>
          {run.isError ? <Failure error={run.error} /> : null}
          <div>
            <Button
              type="primary"
              loading={run.isPending}
              disabled={
                (chosen.needs.includes('comment') && comment.trim().length < 2) ||
                needs.some((n) => data[n] === undefined)
              }
              onClick={() => run.mutate({ action: chosen.action, comment: comment.trim(), data })}
            >
              {t('sharing.take')}
            </Button>
          </div>
        </div>
      ) : null}
    </div>
  );
}
