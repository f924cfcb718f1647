/** Every report of an event, and why each is of this event: the evidence that was weighed, piece by piece. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { Instant, Value } from '../../components/value.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { type EventPage, useNames } from './shared.tsx';

type Report = EventPage['reports'][number];
export type Evidence = Report['why'][number];

export function Reports({ page }: { page: EventPage }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const names = useNames();
  const [parting, setParting] = useState<Report>();
  const open = !['closed', 'void', 'merged'].includes(page.event.state);
  return (
    <Panel
      title={t('events.reports')}
      extra={<span className="quiet">{t('events.reports-n', { n: page.reports.length })}</span>}
    >
      <ul className="event-reports">
        {page.reports.map((r) => (
          <li key={r.id}>
            <p className="row">
              <Label tone="info">{names.channel(r.channel)}</Label>
              <span className="small quiet">
                <Instant at={r.receivedAt} />
                {r.client ? ` · ${r.client}` : ''}
                {r.login ? ` · ${r.login}` : ''}
              </span>
              {r.phone ? (
                <span className="small">
                  {t('events.phone')} <Value value={r.phone} masked mono />
                </span>
              ) : null}
              <AlertLink report={r} />
            </p>
            <p className="event-said">{r.text}</p>
            {r.address ? <p className="small quiet">{r.address}</p> : null}
            <p className="row small">
              <span className={r.joinedBy === 'first' ? 'quiet' : undefined}>
                {r.joinedBy === 'first'
                  ? t('events.joined-first')
                  : r.joinedBy === 'machine'
                    ? t('events.joined-machine', { p: percent(r.probability, 0) })
                    : t('events.joined-by', { who: r.joinedBy })}
              </span>
              {open && page.reports.length > 1 && may('event.dispatch') ? (
                <Button size="small" onClick={() => setParting(r)}>
                  {t('events.part')}
                </Button>
              ) : null}
            </p>
            {r.why.length ? <Why why={r.why} /> : null}
          </li>
        ))}
      </ul>
      <Part report={parting} onClose={() => setParting(undefined)} />
    </Panel>
  );
}

/** A report of an alert leads back to it. */
function AlertLink({ report }: { report: Report }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const { alert } = report;
  if (!alert || !may('alert.read')) return null;
  return (
    <Link to="/alerts/$alert" params={{ alert: String(alert) } as never} className="small">
      {t('events.its-alert')}
    </Link>
  );
}

/** Evidence whose value is in metres; the last are names of kept evidence from before. */
const METRES = /^(positions|spot|line|located|doubt)(-most|-least)?$|^(near|spot|line)-\d|^far$/;

/** Pieces of evidence with their weight: for to the right, against to the left. */
export function Why({ why }: { why: readonly Evidence[] }) {
  const { t } = useSpeech();
  const names = useNames();
  const most = Math.max(1, ...why.map((w) => Math.abs(w.weight)));
  const value = ({ name, value: v }: Evidence): string => {
    if (v === null) return '';
    if (METRES.test(name)) return t('events.why-metres', { n: v });
    if (name.startsWith('minutes') || name === 'later') return t('events.why-minutes', { n: v });
    if (name === 'words' || name === 'what') return percent(Number(v), 0);
    if (name === 'others' || name === 'channel-other') return '';
    if (name === 'channel-same') return names.channel(String(v));
    if (name.startsWith('matter'))
      return String(v)
        .split(' / ')
        .map((m) => names.matter(m))
        .join(' / ');
    return String(v);
  };
  return (
    <details className="fold event-why">
      <summary>{t('events.why-title')}</summary>
      <ul>
        {why.map((w) => (
          <li key={w.name}>
            <span>
              {t(`events.why.${w.name}`)} <span className="quiet">{value(w)}</span>
            </span>
            <span className="event-weight" aria-hidden="true">
              <i
                className={w.weight < 0 ? 'against' : 'for'}
                style={{ inlineSize: `${Math.round((Math.abs(w.weight) / most) * 50)}%` }}
              />
            </span>
            <span className="num small">{w.weight > 0 ? `+${w.weight.toFixed(2)}` : w.weight.toFixed(2)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Part({ report, onClose }: { report: Report | undefined; onClose: () => void }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [comment, setComment] = useState('');
  const part = useMutation({
    mutationFn: () => api.post('/api/v1/events/reports/{id}/part', { params: { id: report!.id }, body: { comment } }),
    onSuccess: ({ event }) => {
      void message.success(t('events.parted', { number: event.number }));
      setComment('');
      onClose();
      return client.invalidateQueries({ queryKey: ['events'] });
    },
  });
  return (
    <Modal
      open={report !== undefined}
      title={t('events.part')}
      onCancel={onClose}
      onOk={() => part.mutate()}
      okText={t('events.part-go')}
      cancelText={t('common.cancel')}
      okButtonProps={{ loading: part.isPending, disabled: [...comment.trim()].length < 2 }}
    >
      <div className="stack-s">
        <p>{t('events.part-text')}</p>
        <label htmlFor="part-comment">{t('events.comment-needed')}</label>
        <Input.TextArea
          id="part-comment"
          rows={3}
          maxLength={500}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
        {part.isError ? <Failure error={part.error} /> : null}
      </div>
    </Modal>
  );
}
