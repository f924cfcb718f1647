/** Around the phone's pages: whether there is a network, what is being sent, and the parts. */
import {
  CheckCircleOutlined,
  CloudSyncOutlined,
  DisconnectOutlined,
  FileAddOutlined,
  ReloadOutlined,
  SendOutlined,
  UnorderedListOutlined,
} from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { Failure } from '../../../components/states.tsx';
import { ago } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useUrlState } from '../../../router.tsx';
import { useSession } from '../../../session/session.tsx';
import '../../../styles/forms.css';
import { useField } from './field.tsx';

export const parts = ['tasks', 'report', 'mine', 'waiting'] as const;
export type Part = (typeof parts)[number];
const icons: Record<Part, ReactNode> = {
  tasks: <UnorderedListOutlined />,
  report: <FileAddOutlined />,
  mine: <CheckCircleOutlined />,
  waiting: <CloudSyncOutlined />,
};
const paths: Record<Part, { to: string; search: Record<string, string> }> = {
  tasks: { to: '/field', search: {} },
  report: { to: '/field/report', search: {} },
  mine: { to: '/field/report', search: { tab: 'mine' } },
  waiting: { to: '/field/report', search: { tab: 'waiting' } },
};

/** The part that the address names, on the page for reporting. */
export function useTab(): Part {
  const url = useUrlState();
  const tab = url.get('tab');
  return tab === 'mine' || tab === 'waiting' ? tab : 'report';
}

export function Shell({ part, children }: { part: Part; children: ReactNode }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const { held } = useField();
  const mine = parts.filter((p) => p !== 'tasks' || may('event.handle'));
  const counts: Partial<Record<Part, number>> = {
    tasks: held.pulled?.tasks.length ?? 0,
    waiting: held.waiting.length,
  };
  return (
    <div className="collect">
      <Line />
      <nav
        className="collect-tabs"
        style={{ gridTemplateColumns: `repeat(${mine.length}, minmax(0, 1fr))` }}
        aria-label={t('events.field.parts')}
      >
        {mine.map((one) => (
          <Link
            key={one}
            to={paths[one].to}
            search={paths[one].search as never}
            activeOptions={{ exact: true, includeSearch: true }}
            {...(one === part ? { 'aria-current': 'page' as const } : {})}
          >
            <span className="collect-icon" aria-hidden="true">
              {icons[one]}
              {counts[one] ? <span className="collect-count num">{counts[one]}</span> : null}
            </span>
            <span>
              {t(`events.field.part.${one}`)}
              {counts[one] ? (
                <span className="visually-hidden"> {t('forms.collect.n', { n: counts[one] })}</span>
              ) : null}
            </span>
          </Link>
        ))}
      </nav>
      {children}
    </div>
  );
}

/** Whether there is a network, what waits, sending by hand. */
function Line() {
  const { t, language } = useSpeech();
  const { online, held, sending, progress, send, lastRound, pulling, pullFault, fetchNew } = useField();
  const n = held.waiting.length;
  const stale = held.pulled ? ago(held.pulled.at, Date.now(), language) : null;
  const unreachable = online && (lastRound?.why === 'unreachable' || pullFault?.body.status === 0);
  return (
    <>
      <div className={online && !unreachable ? 'collect-line' : 'collect-line offline'}>
        <span className="grow" aria-live="polite">
          {!online ? (
            <>
              <DisconnectOutlined aria-hidden="true" /> {t('events.field.offline')}
            </>
          ) : sending ? (
            <>
              {t('forms.collect.sending', { n })}
              {progress?.all ? (
                <span className="num"> {t('forms.collect.files', { n: progress.done, all: progress.all })}</span>
              ) : null}
            </>
          ) : unreachable ? (
            t('forms.collect.unreachable')
          ) : n ? (
            t('forms.collect.waiting', { n })
          ) : (
            t('forms.collect.all-sent')
          )}
          {stale ? <span className="small quiet"> {t('events.field.fetched', { ago: stale })}</span> : null}
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
