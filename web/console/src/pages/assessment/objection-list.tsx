/** Objections as a list: what was objected to and why, how it was decided, what came of it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Modal, Radio } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { type Objection, RecordTitle, searchOf, two } from './shared.tsx';

const tones = { open: 'warn', accepted: 'good', rejected: 'bad', withdrawn: undefined } as const;

export function ObjectionList({ items }: { items: readonly Objection[] }) {
  const { t, say } = useSpeech();
  const { me, may } = useSession();
  const client = useQueryClient();
  const [deciding, setDeciding] = useState<Objection>();
  const withdraw = useMutation({
    mutationFn: (id: number) => api.post('/api/v1/assessment/objections/{id}/withdraw', { params: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['assessment'] }),
  });
  const decides = may('assessment.manage') && me.user.organisation === null;
  return (
    <>
      {withdraw.isError ? <Failure error={withdraw.error} /> : null}
      <DataTable
        caption={t('titles.assessment-objections')}
        rows={items}
        rowKey={(o) => o.id}
        columns={[
          {
            key: 'what',
            title: t('assessment.object-to'),
            head: true,
            render: (o) => (
              <>
                <Link to="/assessment/units/$unit" params={{ unit: o.unit.id } as never} search={searchOf(o)}>
                  {say(o.unit.name)}
                </Link>
                <p>
                  {say(o.indicator.title)}
                  {' · '}
                  {o.record ? (
                    <RecordTitle
                      record={{ ...o.record, title: o.record.title ?? { zh: o.record.ref, en: o.record.ref } }}
                    />
                  ) : (
                    t('assessment.whole')
                  )}
                </p>
                <p className="small quiet">
                  {o.month} · {t('assessment.stake', { n: two(o.lost) })}
                </p>
              </>
            ),
          },
          {
            key: 'reason',
            title: t('assessment.reason'),
            render: (o) => (
              <>
                <p>{o.reason}</p>
                <p className="small quiet">
                  {o.raisedBy} · {instant(o.raisedAt)}
                </p>
              </>
            ),
          },
          {
            key: 'state',
            title: t('assessment.decision'),
            render: (o) => (
              <div className="stack-s">
                <span>
                  <Label tone={tones[o.state]}>{t(`assessment.objection-state.${o.state}`)}</Label>
                </span>
                {o.decision ? <p>{o.decision}</p> : null}
                {o.effect ? (
                  <p className="small num">
                    {o.effect.version
                      ? t('assessment.effect', {
                          before: two(o.effect.before),
                          after: two(o.effect.after),
                          version: o.effect.version,
                        })
                      : `${two(o.effect.before)} → ${two(o.effect.after)}`}
                  </p>
                ) : null}
                {o.decidedAt ? (
                  <p className="small quiet">
                    {o.decidedBy} · {instant(o.decidedAt)}
                  </p>
                ) : null}
                {o.state === 'open' && decides ? (
                  <Button size="small" type="primary" onClick={() => setDeciding(o)}>
                    {t('assessment.decide')}
                  </Button>
                ) : null}
                {o.state === 'open' && may('assessment.object') && me.user.organisation === o.unit.id ? (
                  <Button size="small" loading={withdraw.isPending} onClick={() => withdraw.mutate(o.id)}>
                    {t('assessment.withdraw')}
                  </Button>
                ) : null}
              </div>
            ),
          },
        ]}
      />
      <Decide objection={deciding} onClose={() => setDeciding(undefined)} />
    </>
  );
}

function Decide({ objection, onClose }: { objection: Objection | undefined; onClose: () => void }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const id = useId();
  const [accept, setAccept] = useState<boolean>();
  const [reason, setReason] = useState('');
  const decide = useMutation({
    mutationFn: () =>
      api.post('/api/v1/assessment/objections/{id}/decide', {
        params: { id: objection!.id },
        body: { accept: accept!, reason: reason.trim() },
      }),
    onSuccess: () => {
      setReason('');
      setAccept(undefined);
      onClose();
      return client.invalidateQueries({ queryKey: ['assessment'] });
    },
  });
  return (
    <Modal
      open={objection !== undefined}
      title={t('assessment.decide')}
      okText={t('assessment.decide')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: accept === undefined || reason.trim().length < 4, loading: decide.isPending }}
      onOk={() => decide.mutate()}
      onCancel={() => {
        decide.reset();
        onClose();
      }}
    >
      {objection ? (
        <div className="stack-s">
          <p className="strong">
            {say(objection.unit.name)} · {say(objection.indicator.title)}
          </p>
          <p>{objection.reason}</p>
          <Radio.Group
            aria-label={t('assessment.decision')}
            value={accept ?? null}
            onChange={(event) => setAccept(event.target.value as boolean)}
            options={[
              { value: true, label: t('assessment.accept') },
              { value: false, label: t('assessment.reject') },
            ]}
          />
          <label htmlFor={id}>{t('assessment.decide-reason')}</label>
          <Input.TextArea
            id={id}
            rows={3}
            maxLength={1000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <p className="small quiet">{t('assessment.object-hint')}</p>
          {decide.isError ? <Failure error={decide.error} /> : null}
        </div>
      ) : null}
    </Modal>
  );
}
