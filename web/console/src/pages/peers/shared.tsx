/** What the pages of other hubs have in common: states and levels in words and colour, clocks of either side. */
import { CheckCircleOutlined, ClockCircleOutlined, StopOutlined, WarningOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

export type Peer = Answer<'/api/v1/peers'>['items'][number];
export type MatterDetail = Answer<'/api/v1/peers/matters/{id}'>;
export type Matter = MatterDetail['matter'];
export type RemoteDetail = Answer<'/api/v1/peers/entries/{id}'>;

const peerTones = { active: 'good', introduced: 'warn', invited: 'info', suspended: 'bad' } as const;
export function PeerState({ state }: { state: Peer['state'] }) {
  const { t } = useSpeech();
  return <Label tone={peerTones[state]}>{t(`peers.state.${state}`)}</Label>;
}

/** Where a hub stands: above, below, beside. */
export function Level({ level }: { level: Peer['level'] }) {
  const { t } = useSpeech();
  return <Label>{t(`peers.level.${level}`)}</Label>;
}

export const matterTones: Record<string, 'good' | 'warn' | 'bad' | 'info' | undefined> = {
  ...{ granted: 'good', refused: 'bad', supplement: 'warn', received: 'info', deciding: 'info', passing: 'info' },
};

const clockLooks: Record<string, { tone?: 'good' | 'warn' | 'bad'; icon: ReactNode }> = {
  running: { icon: <ClockCircleOutlined /> },
  overdue: { tone: 'bad', icon: <WarningOutlined /> },
  met: { tone: 'good', icon: <CheckCircleOutlined /> },
  stopped: { icon: <StopOutlined /> },
};

/** The clocks of a matter, as the side that they bind keeps them. */
export function Clocks({ clocks, brief = false }: { clocks: Matter['clocks']; brief?: boolean }) {
  const { t, say } = useSpeech();
  const shown = brief ? clocks.filter((c) => c.state === 'running').slice(0, 1) : clocks;
  if (!shown.length) return <span className="quiet">—</span>;
  return (
    <div className="stack-s">
      {shown.map((c) => {
        const state = c.state === 'running' && c.overdue ? 'overdue' : c.state;
        const look = clockLooks[state] ?? clockLooks.stopped!;
        return (
          <div key={`${c.deadline} ${c.due} ${c.state}`}>
            {brief ? null : <span className="small">{say(c.title)} </span>}
            <Label tone={look.tone}>
              <span aria-hidden="true" style={{ marginInlineEnd: 4 }}>
                {look.icon}
              </span>
              {t(`peers.clock.${state}`)}
            </Label>
            <span className="small quiet" style={{ display: 'block' }}>
              {c.due ? t('peers.due', { day: day(c.due), n: c.days }) : t('peers.due-unknown')}
            </span>
          </div>
        );
      })}
    </div>
  );
}

/** How data of an entry is had. */
export function Sharing({ sharing, open }: { sharing: string | null; open: boolean }) {
  const { t } = useSpeech();
  if (open) return <Label tone="good">{t('peers.open')}</Label>;
  if (!sharing) return <span className="quiet">—</span>;
  const tone = sharing === 'refused' ? 'bad' : sharing === 'conditional' ? 'warn' : undefined;
  return <Label tone={tone}>{t(`sharing.sharing-type.${sharing}`)}</Label>;
}
