/** What the pages of sharing have in common: clocks in words and icon, the course of a matter, what waits to be done. */
import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  ExclamationCircleOutlined,
  QuestionCircleOutlined,
  StopOutlined,
  WarningOutlined,
} from '@ant-design/icons';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { day, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

export type RequestDetail = Answer<'/api/v1/sharing/requests/{id}'>;
export type Clock = RequestDetail['clocks'][number];
export type Step = RequestDetail['timeline'][number];
export type OpenStep = RequestDetail['steps'][number];
export type ShareDetail = Answer<'/api/v1/sharing/shares/{id}'>;

const standings: Record<Clock['standing'], { tone?: 'good' | 'warn' | 'bad' | 'info'; icon: ReactNode }> = {
  unknown: { tone: 'info', icon: <QuestionCircleOutlined /> },
  running: { icon: <ClockCircleOutlined /> },
  warning: { tone: 'warn', icon: <ExclamationCircleOutlined /> },
  overdue: { tone: 'bad', icon: <WarningOutlined /> },
  met: { tone: 'good', icon: <CheckCircleOutlined /> },
  'met-late': { tone: 'warn', icon: <WarningOutlined /> },
  stopped: { icon: <StopOutlined /> },
};

/** A clock's standing by icon, words and colour; below it what is left. */
export function ClockMark({
  clock,
  brief = false,
}: {
  clock: Pick<Clock, 'standing' | 'left' | 'due' | 'missingYear'> | null;
  brief?: boolean;
}) {
  const { t } = useSpeech();
  if (!clock) return <span className="quiet">—</span>;
  const { tone, icon } = standings[clock.standing];
  const left =
    clock.standing === 'unknown'
      ? t('sharing.waits', { year: clock.missingYear })
      : clock.left === null
        ? null
        : clock.left < 0
          ? t('sharing.late', { n: -clock.left })
          : clock.left === 0
            ? t('sharing.today-last')
            : t('sharing.left', { n: clock.left });
  return (
    <span>
      <Label tone={tone}>
        <span aria-hidden="true" style={{ marginInlineEnd: 4 }}>
          {icon}
        </span>
        {t(`sharing.standing.${clock.standing}`)}
      </Label>
      {left && !(brief && clock.standing === 'unknown') ? (
        <span className="small quiet" style={{ display: 'block' }}>
          {left}
        </span>
      ) : null}
      {clock.due && !brief ? (
        <span className="small quiet" style={{ display: 'block' }}>
          {t('sharing.due', { day: day(clock.due) })}
        </span>
      ) : null}
    </span>
  );
}

/** Who did a step, in which capacity and for whom. */
function Who({ step }: { step: Step }) {
  const { t, say } = useSpeech();
  const parts = [t(`sharing.actor.${step.actor}`), step.organisation ? say(step.organisation.name) : null, step.login];
  return (
    <span className="small quiet">
      {parts.filter(Boolean).join(' · ')}
      {step.deputyFor ? ` · ${t('sharing.deputy-for', { head: step.deputyFor })}` : ''}
    </span>
  );
}

/** Every step: what, who, when, under which article. */
export function Timeline({ steps }: { steps: readonly Step[] }) {
  const { t, say } = useSpeech();
  return (
    <ol className="stack-s" style={{ listStyle: 'none', padding: 0, margin: 0 }} aria-label={t('sharing.timeline')}>
      {[...steps].reverse().map((s) => (
        <li key={s.seq} className="note">
          <p className="row spread">
            <span className="strong">{say(s.title)}</span>
            <span className="small quiet num">{instant(s.at)}</span>
          </p>
          <p className="row" style={{ gap: 8 }}>
            <Who step={s} />
            {s.article ? <span className="small quiet">{t('sharing.article', { n: s.article })}</span> : null}
            {s.state ? <Label>{say(s.state)}</Label> : null}
          </p>
          {s.comment ? <p>{s.comment}</p> : null}
          {Array.isArray(s.detail?.missing) ? (
            <ul className="small" style={{ listStyle: 'disc', paddingInlineStart: 18 }}>
              {(s.detail.missing as string[]).map((m) => (
                <li key={m}>{m}</li>
              ))}
            </ul>
          ) : null}
        </li>
      ))}
    </ol>
  );
}

/** How an item is protected, in words; nothing where it is public. */
export function Protection({ of }: { of: string }) {
  const { t } = useSpeech();
  if (of === 'public') return null;
  const tone = of === 'sensitive' ? 'bad' : of === 'personal' ? 'warn' : undefined;
  return <Label tone={tone}>{t(`sharing.protection.${of}`)}</Label>;
}
