/** The command board for a wall of 1920 × 1080: level and clock, map, tasks by organisation, log, duty, what is missing. */
import { CompressOutlined } from '@ant-design/icons';
import { Link, useParams } from '@tanstack/react-router';
import { Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { LogEntries } from './log.tsx';
import { SharedMap } from './map.tsx';
import { Gaps } from './operation.tsx';
import { clock, Exercise, Level, type Operation, useNow, useOperation, useSeat } from './shared.tsx';

export default function Screen() {
  const { t } = useSpeech();
  const id = Number((useParams({ strict: false }) as { operation?: string }).operation);
  const operation = useOperation(id);
  useSeat(id, operation.data?.head.seq);
  return (
    <Loaded query={operation} heading={t('titles.command-screen')}>
      {(o) => <Wall o={o} />}
    </Loaded>
  );
}

function Wall({ o }: { o: Operation }) {
  const { t, say } = useSpeech();
  const now = useNow();
  const { head } = o;
  const until = head.endedAt ? Date.parse(head.endedAt) : now;
  const parts = [...new Map(o.tasks.filter((x) => x.sentAt).map((x) => [x.organisation.id, x.organisation])).values()];
  const out = o.resources.length;
  return (
    <div className={head.exercise ? 'command-wall exercise' : 'command-wall'}>
      <header>
        <Level level={head.level} />
        <Exercise of={head.exercise} />
        <h1>{head.title}</h1>
        <strong className="num command-clock">{clock(until - Date.parse(head.startedAt))}</strong>
        <Link
          to="/command/operations/$operation"
          params={{ operation: String(head.id) } as never}
          className="assessment-screen-link"
        >
          <CompressOutlined aria-hidden="true" /> {t('command.back')}
        </Link>
      </header>
      <section className="command-wall-left" aria-label={t('command.tasks')}>
        <h2>{t('command.tasks')}</h2>
        <ul>
          {parts.map((p) => {
            const own = o.tasks.filter((x) => x.organisation.id === p.id && x.sentAt && x.state !== 'cancelled');
            const done = own.filter((x) => x.state === 'done').length;
            const late = own.filter((x) => x.late && !x.endedAt).length;
            const waiting = own.filter((x) => x.state === 'sent').length;
            return (
              <li key={p.id}>
                <span>{say(p.name)}</span>
                <span className="command-pips" aria-hidden="true">
                  {own.map((x) => (
                    <i key={x.id} className={x.late && !x.endedAt ? 'late' : x.state} />
                  ))}
                </span>
                <strong className="num">{`${done}/${own.length}`}</strong>
                <span className={late ? 'bad-text' : 'quiet'}>
                  {late ? t('command.late-n', { n: late }) : waiting ? t('command.waiting-n', { n: waiting }) : ''}
                </span>
              </li>
            );
          })}
        </ul>
      </section>
      <section className="command-wall-map" aria-label={t('command.map')}>
        <SharedMap o={o} may={false} height="100%" />
      </section>
      <section className="command-wall-right">
        <Gaps o={o} />
        <h2>{t('command.on-duty')}</h2>
        <ul className="command-wall-duty">
          {o.duty.slice(0, 8).map((d) => (
            <li key={d.shift}>
              <span className="quiet">{say(d.title)}</span> <strong>{d.person}</strong>
            </li>
          ))}
        </ul>
        <h2>{`${t('command.resources-out')} ${out}`}</h2>
        <h2>{t('command.log')}</h2>
        <LogEntries entries={o.log.filter((e) => e.kind !== 'shape')} show={12} />
      </section>
    </div>
  );
}
