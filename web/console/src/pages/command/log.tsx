/** The log as it goes on, and a line to write into it. */
import { Link } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { clockTime } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { type LogEntry, useAct } from './shared.tsx';

const tones: Record<string, 'good' | 'warn' | 'bad' | 'info' | 'primary' | 'weft'> = {
  ...{
    started: 'bad',
    level: 'bad',
    ended: 'good',
    closed: 'good',
    unmanned: 'bad',
    late: 'bad',
    unacknowledged: 'warn',
  },
  ...{
    order: 'weft',
    decision: 'weft',
    receipt: 'good',
    manned: 'good',
    alert: 'warn',
    meeting: 'info',
    report: 'info',
    resource: 'primary',
  },
};

export function LogEntries({ entries, show = 200 }: { entries: readonly LogEntry[]; show?: number }) {
  const { t, say } = useSpeech();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1).
    <ol className="command-log" aria-label={t('command.log')} tabIndex={0}>
      {entries
        .filter((e) => !(e.kind === 'task' && e.detail.state === 'waiting'))
        .slice(0, show)
        .map((e) => (
          <li key={e.seq}>
            <time className="num small quiet" dateTime={e.at}>
              {clockTime(e.at)}
            </time>
            <span>
              <Label tone={tones[e.kind]}>{t(`command.entry.${e.kind}`)}</Label> {say(e.text)}
              {e.detail.source === 'event' && /^\d+$/.test(String(e.detail.key)) ? (
                <Link
                  to="/events/$event"
                  params={{ event: String(e.detail.key) } as never}
                  className="small"
                  style={{ textDecoration: 'underline' }}
                >
                  {t('events.open-event')}
                </Link>
              ) : null}
              <span className="small quiet"> {e.actor === 'system' ? t('command.by-itself') : e.actor}</span>
            </span>
          </li>
        ))}
    </ol>
  );
}

export function LogList({ entries, may, id }: { entries: readonly LogEntry[]; may: boolean; id: number }) {
  const { t } = useSpeech();
  const [text, setText] = useState('');
  const note = useAct(
    (_: undefined, key: string) =>
      api.post('/api/v1/command/operations/{id}/notes', { params: { id }, body: { text: text.trim(), key } }),
    () => setText(''),
  );
  return (
    <div className="stack-s">
      {may ? (
        <div className="row">
          <Input
            className="grow"
            aria-label={t('command.note')}
            placeholder={t('command.note')}
            maxLength={2000}
            value={text}
            onChange={(e) => setText(e.target.value)}
          />
          <Button disabled={!text.trim()} loading={note.isPending} onClick={() => note.mutate(undefined)}>
            {t('command.write')}
          </Button>
        </div>
      ) : null}
      {note.isError ? <Failure error={note.error} /> : null}
      <LogEntries entries={entries} />
    </div>
  );
}
