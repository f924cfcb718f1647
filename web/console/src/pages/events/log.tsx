/** 办理全过程: everything that was done with an event, in order, and what each step brought. */
import { Label, Panel } from '../../components/page.tsx';
import { Instant } from '../../components/value.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { type EventPage, useNames, useWithin } from './shared.tsx';

type Step = EventPage['steps'][number];

export function Log({ steps }: { steps: readonly Step[] }) {
  const { t, say } = useSpeech();
  const names = useNames();
  return (
    <Panel title={t('events.log')} extra={<span className="quiet">{t('events.n-steps', { n: steps.length })}</span>}>
      <ol className="event-log">
        {steps.toReversed().map((s) => (
          <li key={s.seq} className={`as-${s.actor}`}>
            <p className="row">
              <span className="strong">{say(s.title)}</span>
              {s.from === s.to ? null : (
                <Label>
                  {names.state(s.from)} → {names.state(s.to)}
                </Label>
              )}
              <span className="small quiet">
                {t(`events.actor.${s.actor}`)}
                {s.login ? ` · ${s.login}` : ''}
                {s.organisation ? ` · ${names.organisation(s.organisation)}` : ''}
              </span>
              <span className="event-log-at small">
                <Instant at={s.at} />
              </span>
            </p>
            {s.comment ? <p>{s.comment}</p> : null}
            <Detail step={s} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** What a step brought besides its words. */
function Detail({ step }: { step: Step }) {
  const { t } = useSpeech();
  const names = useNames();
  const within = useWithin();
  const d = (step.detail ?? {}) as Record<string, unknown>;
  const text = (key: string) => (typeof d[key] === 'string' ? (d[key] as string) : undefined);
  const list = (key: string) => (Array.isArray(d[key]) ? (d[key] as string[]) : []);
  const parts: string[] = [];
  if (text('organisation')) parts.push(`${t('events.to')} ${names.organisation(text('organisation')!)}`);
  if (list('joint').length)
    parts.push(
      `${t('events.joint')} ${list('joint')
        .map((o) => names.organisation(o))
        .join('、')}`,
    );
  if (text('matter')) parts.push(names.matter(text('matter')!));
  if (text('ask')) parts.push(t(`events.asked.${text('ask')}`));
  if (text('span')) parts.push(within(text('span')!));
  if (typeof d.level === 'number') parts.push(t('events.supervised-n', { n: d.level }));
  if (typeof d.stars === 'number') parts.push('★'.repeat(d.stars));
  if (text('channel')) parts.push(names.channel(text('channel')!));
  if (typeof d.probability === 'number') parts.push(t('events.probability', { p: percent(d.probability, 0) }));
  if (list('words').length) parts.push(t('events.classed-by', { words: list('words').join('、') }));
  if (text('number')) parts.push(text('number')!);
  if (step.action === 'joined' && text('from')) parts.push(text('from')!);
  if (step.action === 'parted' && text('to')) parts.push(text('to')!);
  if (list('pictures').length) parts.push(t('events.n-pictures', { n: list('pictures').length }));
  return parts.length || text('doneAt') ? (
    <p className="small quiet">
      {parts.join(' · ')}
      {text('doneAt') ? (
        <>
          {parts.length ? ' · ' : ''}
          {t('events.done-at')} <Instant at={text('doneAt')} />
        </>
      ) : null}
    </p>
  ) : null;
}
