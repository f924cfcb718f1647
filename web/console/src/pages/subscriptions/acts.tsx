/** What the recipient does with a subscription: test, replay, change, rotate, pause, resume, end. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, InputNumber, Modal, Radio } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { ContentFields, type Draft, emptyDraft, filledIn, TargetFields, targetOf } from './fields.tsx';
import { Secret, type Subscription } from './parts.tsx';

/** The buttons of a subscription's page. */
export function Acts({ data }: { data: Subscription }) {
  const { t, say } = useSpeech();
  const { message, modal } = App.useApp();
  const client = useQueryClient();
  const [open, setOpen] = useState<'replay' | 'edit' | null>(null);
  const again = () => client.invalidateQueries({ queryKey: ['subscriptions'] });
  const body = { version: data.version };
  const params = { id: data.id };
  const move = useMutation({
    mutationFn: (action: 'pause' | 'resume' | 'end') =>
      api.post(`/api/v1/subscriptions/{id}/${action}` as const, { params, body }),
    onSuccess: (_, action) => {
      message.success(t(`subscriptions.${({ pause: 'paused', resume: 'resumed', end: 'ended' } as const)[action]}`));
      return again();
    },
  });
  const test = useMutation({
    mutationFn: () => api.post('/api/v1/subscriptions/{id}/test', { params }),
    onSuccess: (done) => {
      if (done.ok) message.success(t('subscriptions.test-ok', { status: done.status ?? 'PUBACK', ms: done.ms }));
      else
        message.error(
          t('subscriptions.test-failed', { why: done.problem ? say(done.problem.title) : '', ms: done.ms }),
          8,
        );
    },
  });
  const rotate = useMutation({
    mutationFn: () => api.post('/api/v1/subscriptions/{id}/secret', { params, body }),
    onSuccess: again,
  });
  if (!data.mine || data.state === 'ended') return null;
  const failed = move.error ?? test.error ?? rotate.error;
  return (
    <>
      <div className="row" style={{ flexWrap: 'wrap' }}>
        {data.kind === 'pull' ? null : (
          <Button loading={test.isPending} onClick={() => test.mutate()}>
            {t('subscriptions.test')}
          </Button>
        )}
        <Button onClick={() => setOpen('replay')}>{t('subscriptions.replay')}</Button>
        <Button onClick={() => setOpen('edit')}>{t('subscriptions.edit')}</Button>
        {data.kind === 'mqtt' ? null : (
          <Button
            loading={rotate.isPending}
            onClick={() =>
              modal.confirm({
                title: t('subscriptions.rotate-ask'),
                content: t(data.kind === 'pull' ? 'subscriptions.rotate-token-text' : 'subscriptions.rotate-text'),
                okText: t('subscriptions.rotate'),
                onOk: () => rotate.mutateAsync().catch(() => undefined),
              })
            }
          >
            {t('subscriptions.rotate')}
          </Button>
        )}
        {data.state === 'active' ? (
          <Button loading={move.isPending} onClick={() => move.mutate('pause')}>
            {t('subscriptions.pause')}
          </Button>
        ) : (
          <Button type="primary" loading={move.isPending} onClick={() => move.mutate('resume')}>
            {t('subscriptions.resume')}
          </Button>
        )}
        <Button
          danger
          onClick={() =>
            modal.confirm({
              title: t('subscriptions.end-ask'),
              content: t('subscriptions.end-text'),
              okText: t('subscriptions.end'),
              okButtonProps: { danger: true },
              onOk: () => move.mutateAsync('end').catch(() => undefined),
            })
          }
        >
          {t('subscriptions.end')}
        </Button>
      </div>
      {failed ? <Failure error={failed} /> : null}
      {open === 'replay' ? <Replay data={data} onClose={() => setOpen(null)} /> : null}
      {open === 'edit' ? <Edit data={data} onClose={() => setOpen(null)} /> : null}
      {rotate.data ? <Secret kind={data.kind} value={rotate.data.secret} onClose={() => rotate.reset()} /> : null}
    </>
  );
}

function Replay({ data, onClose }: { data: Subscription; onClose: () => void }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [way, setWay] = useState<'after' | 'since' | 'all'>('after');
  const [after, setAfter] = useState(data.log.first - 1);
  const [since, setSince] = useState<Dayjs>(dayjs().subtract(1, 'day'));
  const replay = useMutation({
    mutationFn: () =>
      api.post('/api/v1/subscriptions/{id}/replay', {
        params: { id: data.id },
        body: {
          version: data.version,
          from: way === 'after' ? { after } : way === 'since' ? { since: since.toISOString() } : { all: true as const },
        },
      }),
    onSuccess: () => {
      message.success(t('subscriptions.replayed'));
      onClose();
      return client.invalidateQueries({ queryKey: ['subscriptions'] });
    },
  });
  return (
    <Modal
      open
      title={t('subscriptions.replay')}
      okText={t('subscriptions.replay')}
      confirmLoading={replay.isPending}
      onOk={() => replay.mutate()}
      onCancel={onClose}
    >
      <div className="stack-s">
        <p className="small quiet">{t('subscriptions.replay-lead')}</p>
        <Radio.Group
          aria-label={t('subscriptions.replay')}
          value={way}
          onChange={(event) => setWay(event.target.value as typeof way)}
          style={{ display: 'grid', gap: 8 }}
          options={(['after', 'since', 'all'] as const).map((value) => ({
            value,
            label: t(`subscriptions.replay-${value}`),
          }))}
        />
        {way === 'after' ? (
          <InputNumber
            aria-label={t('subscriptions.replay-after')}
            style={{ inlineSize: 220 }}
            min={data.log.first - 1}
            max={data.log.head}
            value={after}
            onChange={(value) => setAfter(value ?? data.log.first - 1)}
          />
        ) : null}
        {way === 'since' ? (
          <DatePicker
            aria-label={t('subscriptions.replay-since')}
            showTime
            allowClear={false}
            minDate={dayjs().subtract(data.log.keptDays, 'day')}
            maxDate={dayjs()}
            value={since}
            onChange={(next) => next && setSince(next)}
          />
        ) : null}
        {way === 'all' ? <p className="small quiet">{t('subscriptions.replay-all-text')}</p> : null}
        <p className="small quiet num">
          {t('subscriptions.log-first')} {data.log.first} · {t('subscriptions.log-head')} {data.log.head}
        </p>
        {replay.isError ? <Failure error={replay.error} /> : null}
      </div>
    </Modal>
  );
}

function Edit({ data, onClose }: { data: Subscription; onClose: () => void }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const chosen = data.items.filter((i) => i.chosen).map((i) => i.name);
  const first: Draft = {
    ...emptyDraft,
    ...{ title: data.title, kind: data.kind, url: data.where.url ?? '', topic: data.where.topic ?? '' },
    ...{ version: data.where.version === 4 ? 4 : 5, user: data.where.user ?? '', changes: data.changes },
    ...{ items: chosen.length === data.items.length ? null : chosen, batch: data.batch, ca: data.where.ca ?? '' },
  };
  const [draft, setDraft] = useState(first);
  const set = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const save = useMutation({
    mutationFn: () => {
      const moved = (['url', 'topic', 'version', 'user', 'password', 'ca'] as const).some((k) => draft[k] !== first[k]);
      return api.patch('/api/v1/subscriptions/{id}', {
        params: { id: data.id },
        body: {
          ...{
            version: data.version,
            title: draft.title.trim(),
            items: draft.items,
            changes: draft.changes,
            batch: draft.batch,
          },
          ...(moved ? { target: targetOf(draft, true) } : {}),
        },
      });
    },
    onSuccess: () => {
      message.success(t('subscriptions.saved'));
      onClose();
      return client.invalidateQueries({ queryKey: ['subscriptions'] });
    },
  });
  return (
    <Modal
      open
      title={t('subscriptions.edit')}
      okText={t('subscriptions.save')}
      okButtonProps={{ disabled: !filledIn(draft) }}
      confirmLoading={save.isPending}
      onOk={() => save.mutate()}
      onCancel={onClose}
    >
      <div className="stack-s">
        <ContentFields draft={draft} set={set} items={data.items} />
        <TargetFields draft={draft} set={set} again />
        {save.isError ? <Failure error={save.error} /> : null}
      </div>
    </Modal>
  );
}
