/** Limits of an event: nested ones side by side, what is left in their own time, pauses with their ground. */
import { Label, Panel } from '../../components/page.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { minutesOf, workingDay } from './rules.ts';
import { type Clock, useCatalogue, useNames, useSpan, useWithin } from './shared.tsx';

/** Minutes of a limit's own time in words: a working day is as long as the office is open. */
function useOwnSpan(day: number): (minutes: number, unit: string) => string {
  const { t } = useSpeech();
  const span = useSpan();
  return (minutes, unit) => {
    const n = Math.abs(Math.round(minutes));
    if (!unit.startsWith('working')) return span(n);
    const [days, rest] = [Math.floor(n / day), n % day];
    const hours = rest ? `${span(rest)}${t('events.working-time')}` : '';
    return [days ? t('events.unit.working-days', { n: days }) : '', days && rest < 60 ? '' : hours]
      .filter(Boolean)
      .join(' ');
  };
}

const tones = { running: 'primary', paused: 'warn', met: 'good', stopped: undefined } as const;

export function Clocks({ clocks }: { clocks: readonly Clock[] }) {
  const { t } = useSpeech();
  const { data } = useCatalogue();
  return (
    <Panel
      title={t('events.clocks')}
      extra={data ? <span className="quiet">{t('events.hours', { hours: data.hours.join('、') })}</span> : null}
    >
      {clocks.length ? (
        <ul className="event-clocks">
          {clocks.map((c) => (
            <One key={c.id} c={c} day={workingDay(data?.hours ?? [])} />
          ))}
        </ul>
      ) : (
        <p className="small quiet">{t('events.no-clocks')}</p>
      )}
    </Panel>
  );
}

function One({ c, day }: { c: Clock; day: number }) {
  const { t, say } = useSpeech();
  const names = useNames();
  const span = useOwnSpan(day);
  const within = useWithin();
  const whole = minutesOf(c.amount, c.unit, day);
  const going = c.state === 'running' || c.state === 'paused';
  const used = going && c.left !== null ? Math.min(1, Math.max(0, 1 - c.left / whole)) : 1;
  const tone = c.late ? 'bad' : c.state === 'met' ? 'good' : used > 0.8 ? 'warn' : 'primary';
  return (
    <li>
      <p className="row spread">
        <span className="strong">{say(c.title)}</span>
        <span className="row">
          {c.late && going ? <Label tone="bad">{t('events.late')}</Label> : null}
          <Label tone={c.late && c.state === 'met' ? 'bad' : tones[c.state as keyof typeof tones]}>
            {t(c.late && c.state === 'met' ? 'events.clock-late-met' : `events.clock.${c.state}`)}
          </Label>
        </span>
      </p>
      {c.state === 'stopped' ? null : (
        <div className="bar" aria-hidden="true">
          <span style={{ width: `${Math.round(used * 100)}%`, background: `var(--jw-${tone})` }} />
        </div>
      )}
      <p className="small quiet">
        {within(`${c.amount} ${c.unit}`)} · {names.organisation(c.organisation)}
        {going && c.left !== null ? (
          <span className={c.left < 0 ? 'bad-text' : undefined}>
            {' · '}
            {t(c.left < 0 ? 'events.over-by' : 'events.left', { span: span(c.left, c.unit) })}
          </span>
        ) : null}
      </p>
      <p className="small quiet">
        <Instant at={c.startedAt} /> → {c.endedAt ? <Instant at={c.endedAt} /> : <Instant at={c.due} />}
        {c.missingYear ? ` ${t('events.missing-year', { year: c.missingYear })}` : ''}
      </p>
      {c.ground ? <p className="small">{t('events.ground', { ground: c.ground })}</p> : null}
    </li>
  );
}
