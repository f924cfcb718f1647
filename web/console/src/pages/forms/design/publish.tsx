/** Publishing: what the check finds, what changes against the version before and for its records, and what follows. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Input, Modal, Radio } from 'antd';
import { useId, useState } from 'react';
import { ApiProblem } from '../../../api/client.ts';
import { Label } from '../../../components/page.tsx';
import { Failure, Skeleton } from '../../../components/states.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import { hub } from '../shared/hub.ts';
import { type Design, hasValue, protectionOf } from '../shared/pure.ts';
import type { Effects, FormDetail } from '../shared/types.ts';

export function Publish(props: {
  form: FormDetail;
  design: Design;
  faults: readonly { at: string; zh: string; en: string }[];
  /** Saves what is not saved yet. */
  saved: () => Promise<boolean>;
  revision: () => number;
  close: () => void;
}) {
  const { t, language, say } = useSpeech();
  const words = useWords();
  const { message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const id = useId();
  const [old, setOld] = useState<'keep' | 'carry'>('keep');
  const [note, setNote] = useState('');
  const { form, design } = props;
  const good = props.faults.length === 0;
  const effects = useQuery({
    queryKey: ['forms', 'effects', form.id, design],
    queryFn: async ({ signal }) => {
      if (!(await props.saved())) return null;
      return hub.get<Effects>('/api/v1/forms/{form}/draft/effects', { params: { form: form.id }, signal });
    },
    enabled: good,
    staleTime: 0,
    gcTime: 0,
  });
  const publish = useMutation({
    mutationFn: () =>
      hub.post<FormDetail>('/api/v1/forms/{form}/publish', {
        params: { form: form.id },
        body: { revision: props.revision(), old, ...(note.trim() ? { note: note.trim() } : {}) },
      }),
    onSuccess: async (answer) => {
      void message.success(t('forms.publish.done', { n: answer.version }));
      await client.invalidateQueries({ queryKey: ['forms'] });
      void navigate({ to: '/forms/$form', params: { form: String(form.id) } as never });
    },
  });
  const guarded = design.fields.filter(
    (field) => hasValue(field) && ['personal', 'sensitive'].includes(protectionOf(field)),
  );
  const data = effects.data;
  // The draft is what is published already: nothing to do, and no fault.
  const same = effects.error instanceof ApiProblem && effects.error.body.code === 'forms.draft.none';
  const ready = good && data != null && data.faults.length === 0;
  return (
    <Modal
      open
      width={640}
      title={t('forms.publish.title')}
      okText={t('forms.publish.go')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !ready, loading: publish.isPending }}
      onCancel={props.close}
      onOk={() => publish.mutate()}
    >
      <div className="stack">
        {good ? (
          <p className="note good">{t('forms.design.no-faults')}</p>
        ) : (
          <div className="note bad">
            <p className="strong">{t('forms.publish.faults', { n: props.faults.length })}</p>
            <ul className="small">
              {props.faults.map((fault) => (
                <li key={fault.at + fault.en}>
                  <code>{fault.at}</code> {fault[language]}
                </li>
              ))}
            </ul>
          </div>
        )}
        {good && effects.isPending ? <Skeleton rows={2} /> : null}
        {same ? <p className="note">{t('forms.publish.same', { n: form.version })}</p> : null}
        {effects.isError && !same ? <Failure error={effects.error} retry={() => void effects.refetch()} /> : null}
        {effects.data === null ? <p className="note warn">{t('forms.publish.not-saved')}</p> : null}
        {data?.faults.length ? (
          <ul className="note bad small">
            {data.faults.map((fault) => (
              <li key={fault.at + fault.code}>
                <code>{fault.at}</code> {fault[language]}
              </li>
            ))}
          </ul>
        ) : null}
        {data && form.version ? (
          <div className="stack-s">
            <p className="strong">{t('forms.publish.changes', { n: form.version })}</p>
            {(['added', 'changed', 'removed'] as const).map((what) =>
              data[what].length ? (
                <p key={what} className="small">
                  <Label tone={what === 'added' ? 'good' : what === 'removed' ? 'bad' : 'warn'}>
                    {t(`forms.publish.${what}`)}
                  </Label>{' '}
                  {data[what]
                    .map((name) => {
                      const field = [...design.fields, ...(form.design?.fields ?? [])].find((f) => f.name === name);
                      return field && field.kind !== 'note' ? words(field.title) : name;
                    })
                    .join('、')}
                </p>
              ) : null,
            )}
            {data.added.length + data.changed.length + data.removed.length === 0 ? (
              <p className="small quiet">{t('forms.publish.no-changes')}</p>
            ) : null}
            {data.open + data.settled ? (
              <>
                <p className="small">{t('forms.publish.records', { open: data.open, settled: data.settled })}</p>
                <Radio.Group
                  value={old}
                  onChange={(event) => setOld(event.target.value as 'keep' | 'carry')}
                  options={[
                    { value: 'keep', label: t('forms.publish.keep') },
                    { value: 'carry', label: t('forms.publish.carry') },
                  ]}
                />
              </>
            ) : null}
          </div>
        ) : null}
        <div className="stack-s small">
          <p className="strong">{t('forms.publish.follows')}</p>
          <ul className="follows">
            <li>{t('forms.publish.who', { who: say(form.organisation.name) })}</li>
            <li>{t('forms.publish.phones')}</li>
            <li>
              {t(design.source.enabled ? 'forms.publish.source' : 'forms.publish.no-source', {
                source: `${form.organisation.id}.${form.name}`,
              })}
            </li>
            {guarded.length ? (
              <li>
                {t('forms.publish.guarded', {
                  fields: guarded.flatMap((f) => (hasValue(f) ? [words(f.title)] : [])).join('、'),
                })}
              </li>
            ) : null}
          </ul>
        </div>
        <label htmlFor={`${id}-n`}>{t('forms.publish.note')}</label>
        <Input id={`${id}-n`} maxLength={500} value={note} onChange={(e) => setNote(e.target.value)} />
        {publish.isError ? <Failure error={publish.error} /> : null}
      </div>
    </Modal>
  );
}
