/** The collector's page: my tasks first, forms, drafts, what waits to be sent, what was sent. It works without a network. */
import {
  CheckCircleOutlined,
  CloudSyncOutlined,
  DisconnectOutlined,
  EditOutlined,
  FormOutlined,
  ReloadOutlined,
  SendOutlined,
  UnorderedListOutlined,
} from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { Page } from '../../../components/page.tsx';
import { Failure } from '../../../components/states.tsx';
import { ago } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useUrlState } from '../../../router.tsx';
import { useCollect } from '../offline/collect.tsx';
import { CollectGate } from './gate.tsx';
import { Drafts, Forms, SentList, Tasks, useMending } from './lists.tsx';
import { OnThisPhone } from './phone.tsx';
import { WaitingList } from './waiting.tsx';
import '../../../styles/forms.css';

const tabs = ['tasks', 'forms', 'drafts', 'waiting', 'sent'] as const;
type Tab = (typeof tabs)[number];
const icons: Record<Tab, ReactNode> = {
  tasks: <UnorderedListOutlined />,
  forms: <FormOutlined />,
  drafts: <EditOutlined />,
  waiting: <CloudSyncOutlined />,
  sent: <CheckCircleOutlined />,
};

export default function Collect() {
  const { t } = useSpeech();
  return (
    <CollectGate title={t('titles.collect')}>
      <Home />
    </CollectGate>
  );
}

function Home() {
  const { t } = useSpeech();
  const url = useUrlState();
  const { held } = useCollect();
  const tab = tabs.find((one) => one === url.get('tab')) ?? 'tasks';
  const mend = useMending().length;
  const open = held.pulled?.tasks.filter((task) => task.state === 'open' && task.mineDone < task.mine).length ?? 0;
  const counts: Record<Tab, number> = {
    tasks: open + mend,
    forms: 0,
    drafts: held.drafts.length,
    waiting: held.waiting.length,
    sent: 0,
  };
  return (
    <Page title={t('titles.collect')}>
      <div className="collect">
        <Line />
        <nav className="collect-tabs" aria-label={t('forms.collect.parts')}>
          {tabs.map((one) => (
            <Link
              key={one}
              to="/collect"
              search={(one === 'tasks' ? {} : { tab: one }) as never}
              activeOptions={{ exact: true, includeSearch: true }}
            >
              <span className="collect-icon" aria-hidden="true">
                {icons[one]}
                {counts[one] ? <span className="collect-count num">{counts[one]}</span> : null}
              </span>
              <span>
                {t(`forms.collect.tab.${one}`)}
                {counts[one] ? (
                  <span className="visually-hidden"> {t('forms.collect.n', { n: counts[one] })}</span>
                ) : null}
              </span>
            </Link>
          ))}
        </nav>
        {tab === 'tasks' ? <Tasks /> : null}
        {tab === 'forms' ? <Forms /> : null}
        {tab === 'drafts' ? <Drafts /> : null}
        {tab === 'waiting' ? <WaitingList /> : null}
        {tab === 'sent' ? <SentList /> : null}
        <OnThisPhone />
      </div>
    </Page>
  );
}

/** Whether there is a network, what is being sent, and sending by hand. */
function Line() {
  const { t, language } = useSpeech();
  const { online, held, sending, progress, send, lastRound, pulling, pullFault, fetchNew } = useCollect();
  const n = held.waiting.length;
  const stale = held.pulled ? ago(held.pulled.at, Date.now(), language) : null;
  const unreachable = online && (lastRound?.why === 'unreachable' || pullFault?.body.status === 0);
  return (
    <>
      <div className={online && !unreachable ? 'collect-line' : 'collect-line offline'}>
        <span className="grow" aria-live="polite">
          {!online ? (
            <>
              <DisconnectOutlined aria-hidden="true" /> {t('forms.collect.offline')}
            </>
          ) : sending ? (
            <>
              {t('forms.collect.sending', { n })}
              {progress?.files.all ? (
                <span className="num">
                  {' '}
                  {t('forms.collect.files', { n: progress.files.arrived, all: progress.files.all })}
                </span>
              ) : null}
            </>
          ) : unreachable ? (
            t('forms.collect.unreachable')
          ) : n ? (
            t('forms.collect.waiting', { n })
          ) : (
            t('forms.collect.all-sent')
          )}
          {stale ? <span className="small quiet"> {t('forms.collect.fetched', { ago: stale })}</span> : null}
        </span>
        {n ? (
          <Button
            icon={<SendOutlined />}
            type="primary"
            disabled={!online}
            loading={sending}
            onClick={() => void send()}
          >
            {t('forms.collect.send')}
          </Button>
        ) : (
          <Button
            icon={<ReloadOutlined />}
            disabled={!online}
            loading={pulling}
            aria-label={t('forms.collect.refresh')}
            onClick={() => void fetchNew()}
          />
        )}
      </div>
      {lastRound?.why === 'signed-out' ? <p className="note warn">{t('forms.collect.signed-out')}</p> : null}
      {pullFault && pullFault.body.status !== 0 ? <Failure error={pullFault} retry={() => void fetchNew()} /> : null}
    </>
  );
}
