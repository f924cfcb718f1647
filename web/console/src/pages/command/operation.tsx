/** 响应行动: level and clock, tasks by organisation, shared map, log, orders, reports; live between seats. */
import { DownloadOutlined, FullscreenOutlined, HistoryOutlined } from '@ant-design/icons';
import { Link, useParams } from '@tanstack/react-router';
import { Button, Input, Modal, Select, Tabs } from 'antd';
import { useState } from 'react';
import { api, urlOf } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { LogList } from './log.tsx';
import { SharedMap } from './map.tsx';
import { Orders } from './orders.tsx';
import { Reports } from './reports.tsx';
import {
  clock,
  Exercise,
  Level,
  type Operation,
  romans,
  type Seat,
  useAct,
  useNow,
  useOperation,
  useSeat,
} from './shared.tsx';
import { Tasks } from './tasks.tsx';

export default function OperationPage() {
  const { t } = useSpeech();
  const id = Number((useParams({ strict: false }) as { operation?: string }).operation);
  const operation = useOperation(id);
  const { seats, live } = useSeat(id, operation.data?.head.seq);
  return (
    <Loaded query={operation} heading={t('titles.command-operation')}>
      {(o) => <Whole o={o} seats={seats} live={live} />}
    </Loaded>
  );
}

function Whole({ o, seats, live }: { o: Operation; seats: Seat[]; live: boolean }) {
  const { t } = useSpeech();
  const { head } = o;
  const running = head.state === 'running';
  const now = useNow();
  const until = head.endedAt ? Date.parse(head.endedAt) : now;
  const params = { operation: String(head.id) } as never;
  return (
    <div className={head.exercise ? 'command-page exercise' : 'command-page'}>
      {head.exercise ? <p className="command-banner">{t('command.exercise-banner')}</p> : null}
      <Page
        title={head.title}
        lead={
          <span className="row">
            <Exercise of={head.exercise} />
            <Level level={head.level} />
            <Label tone={running ? 'bad' : undefined}>{t(`command.state-${head.state}`)}</Label>
            <strong className="num">{clock(until - Date.parse(head.startedAt))}</strong>
            <span className="quiet">
              {live ? t('command.live') : t('command.not-live')} · {t('command.seats', { n: seats.length })}
              {seats.length ? `：${seats.map((s) => s.name).join('、')}` : ''}
            </span>
          </span>
        }
        actions={
          <>
            <Link to="/command/screen/$operation" params={params} className="assessment-screen-link">
              <FullscreenOutlined aria-hidden="true" /> {t('command.screen')}
            </Link>
            <Link to="/command/operations/$operation/review" params={params} className="assessment-screen-link">
              <HistoryOutlined aria-hidden="true" /> {t('command.review')}
            </Link>
            {o.mayAct ? <Steering o={o} /> : null}
          </>
        }
      >
        <div className="stack">
          <Gaps o={o} />
          <Facts>
            <Fact label={t('command.commander')}>{head.commander}</Fact>
            <Fact label={t('command.started')}>
              {instant(head.startedAt)} · {head.startedBy}
            </Fact>
            <Fact label={t('command.place')}>{head.place || t('command.whole-city')}</Fact>
            <Fact label={t('command.grounds')} wide>
              {head.grounds}
            </Fact>
            {head.endGrounds ? (
              <Fact label={t('command.end-grounds')} wide>
                {head.endGrounds}
              </Fact>
            ) : null}
          </Facts>
          <div className="command-halves">
            <Panel title={t('command.map')}>
              <SharedMap o={o} may={o.mayAct && running} />
            </Panel>
            <Panel title={t('command.log')} extra={<Download id={head.id} />}>
              <LogList entries={o.log} may={o.mayAct && head.state !== 'closed'} id={head.id} />
            </Panel>
          </div>
          <Tabs
            items={[
              { key: 'tasks', label: t('command.tasks'), children: <Tasks o={o} /> },
              { key: 'orders', label: t('command.orders'), children: <Orders o={o} /> },
              { key: 'reports', label: t('command.reports'), children: <Reports o={o} /> },
            ]}
          />
        </div>
      </Page>
    </div>
  );
}

function Download({ id }: { id: number }) {
  const { t } = useSpeech();
  return (
    <Button
      size="small"
      type="text"
      icon={<DownloadOutlined />}
      onClick={() => void download(urlOf('/api/v1/command/operations/{id}/log.ndjson', { id }))}
    >
      {t('command.log-file')}
    </Button>
  );
}

/** Where nobody is on duty: it stands here until somebody has taken it on. */
export function Gaps({ o }: { o: Operation }) {
  const { t, say } = useSpeech();
  const open = o.gaps.filter((g) => !g.endedAt);
  const cover = useAct((id: number) =>
    api.post('/api/v1/command/gaps/{id}/cover', { params: { id }, body: { note: t('command.covered-note') } }),
  );
  if (!open.length) return null;
  return (
    <div className="note bad" role="status">
      <p className="strong">{t('command.gaps', { n: open.length })}</p>
      <ul className="small">
        {open.map((g) => (
          <li key={g.id} className="row spread">
            <span>
              <strong>{say(g.organisation.name)}</strong> · {t('command.told')}{' '}
              {g.told
                .map(
                  (x) =>
                    `${say(x.name)}${x.onDuty.length ? `（${x.onDuty.join('、')}）` : `（${t('command.nobody')}）`}`,
                )
                .join('、')}
            </span>
            {o.mayAct ? (
              <Button size="small" loading={cover.isPending} onClick={() => cover.mutate(g.id)}>
                {t('command.cover')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {cover.isError ? <Failure error={cover.error} /> : null}
    </div>
  );
}

type What = 'level' | 'end' | 'close' | 'meeting';

/** Level, end, closing, meetings. */
function Steering({ o }: { o: Operation }) {
  const { t, say } = useSpeech();
  const [what, setWhat] = useState<What>();
  const [level, setLevel] = useState<string>();
  const [text, setText] = useState('');
  const [url, setUrl] = useState('https://');
  const { id } = o.head;
  const act = useAct(
    (_: undefined, key: string) => {
      const grounds = text.trim();
      if (what === 'level')
        return api.post('/api/v1/command/operations/{id}/level', {
          params: { id },
          body: { level: level as 'IV', grounds, key },
        });
      if (what === 'end')
        return api.post('/api/v1/command/operations/{id}/end', { params: { id }, body: { grounds, key } });
      if (what === 'meeting')
        return api.post('/api/v1/command/operations/{id}/meetings', {
          params: { id },
          body: { title: grounds, url: url.trim(), startsAt: new Date().toISOString(), key },
        });
      return api.post('/api/v1/command/operations/{id}/close', { params: { id } });
    },
    () => {
      setWhat(undefined);
      setText('');
    },
  );
  const { state } = o.head;
  return (
    <>
      {state === 'running' ? (
        <>
          <Button onClick={() => setWhat('meeting')}>{t('command.meet')}</Button>
          <Button type="primary" onClick={() => setWhat('level')}>
            {t('command.change-level')}
          </Button>
          <Button danger onClick={() => setWhat('end')}>
            {t('command.end')}
          </Button>
        </>
      ) : null}
      {state === 'ended' ? <Button onClick={() => setWhat('close')}>{t('command.close')}</Button> : null}
      <Modal
        open={what !== undefined}
        title={what ? t(`command.${what === 'level' ? 'change-level' : what === 'meeting' ? 'meet' : what}`) : ''}
        okText={t('command.confirm')}
        cancelText={t('common.cancel')}
        okButtonProps={{
          loading: act.isPending,
          disabled: (what !== 'close' && text.trim().length < 2) || (what === 'level' && !level),
        }}
        onOk={() => act.mutate(undefined)}
        onCancel={() => {
          act.reset();
          setWhat(undefined);
        }}
      >
        <div className="stack-s">
          {what === 'level' ? (
            <Select
              aria-label={t('command.level')}
              value={level ?? null}
              placeholder={t('command.level')}
              options={o.levels
                .filter((l) => l !== romans[o.head.level])
                .map((l) => ({ value: l, label: t('command.level-n', { n: l }) }))}
              onChange={setLevel}
            />
          ) : null}
          {what === 'end' ? (
            <ul className="small quiet command-list">
              {o.end.map((e) => (
                <li key={e.en}>{say(e)}</li>
              ))}
            </ul>
          ) : null}
          {what === 'close' ? <p>{t('command.close-text')}</p> : null}
          {what !== 'close' ? (
            <Input.TextArea
              aria-label={what === 'meeting' ? t('command.title') : t('command.grounds')}
              placeholder={what === 'meeting' ? t('command.title') : t('command.grounds')}
              rows={3}
              maxLength={what === 'meeting' ? 100 : 1000}
              value={text}
              onChange={(e) => setText(e.target.value)}
            />
          ) : null}
          {what === 'meeting' ? (
            <Input
              aria-label={t('command.link')}
              value={url}
              maxLength={500}
              onChange={(e) => setUrl(e.target.value)}
            />
          ) : null}
          {act.isError ? <Failure error={act.error} /> : null}
        </div>
      </Modal>
    </>
  );
}
