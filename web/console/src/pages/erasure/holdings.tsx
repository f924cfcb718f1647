/** What every room holds of the person, and what happens to it; classes can be decided otherwise with a reason before it is proposed. */
import { Link } from '@tanstack/react-router';
import { Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { Label } from '../../components/page.tsx';
import { Empty, Skeleton } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { mayOpen, type PageEntry, pages } from '../../pages.ts';
import { useSession } from '../../session/session.tsx';
import type { Matter } from './shared.tsx';

/** What an officer decides otherwise, by source. */
export type Changed = Record<string, { action: 'delete' | 'keep'; reason: string }>;
type Holding = Matter['holdings'][number];

const tones = { delete: 'bad', blank: 'bad', keep: 'warn', none: undefined } as const;

export function Holdings({ of: m, changed, change }: { of: Matter; changed: Changed; change: (to: Changed) => void }) {
  const { t, say } = useSpeech();
  const { held } = useSession();
  const [asking, setAsking] = useState<Holding>();
  // Who approves sees counts; the pages behind them are the business roles'.
  const opens = (link: string) => {
    const path = link.split('?')[0]!.split('/');
    const page = (pages as readonly PageEntry[]).find((p) => {
      const own = p.path.split('/');
      return own.length === path.length && own.every((part, i) => part.startsWith('$') || part === path[i]);
    });
    return page !== undefined && mayOpen(page, held);
  };
  if (m.state === 'entered' && !m.lookedAt)
    return (
      <div role="status">
        <p className="quiet">{t('erasure.looking')}</p>
        <Skeleton rows={3} />
      </div>
    );
  const decided = (h: Holding) => (h.source ? (changed[h.source] ?? h.decided) : null);
  const actionOf = (h: Holding): Holding['action'] => decided(h)?.action ?? h.action;
  return (
    <>
      <DataTable
        caption={t('erasure.holdings')}
        rows={m.holdings}
        rowKey={(h) => `${h.room}/${h.place}`}
        empty={<Empty title={t('erasure.holdings-none')}>{t('erasure.holdings-none-how')}</Empty>}
        columns={[
          {
            key: 'place',
            title: t('erasure.place'),
            head: true,
            render: (h) => (
              <>
                {h.link && opens(h.link) ? <Link to={h.link as never}>{say(h.title)}</Link> : say(h.title)}
                <div className="small quiet mono">{h.place}</div>
              </>
            ),
          },
          {
            key: 'room',
            title: t('erasure.room'),
            tight: true,
            render: (h) => t(`erasure.room-of.${h.room}`),
          },
          {
            key: 'n',
            title: t('erasure.records'),
            align: 'end',
            tight: true,
            render: (h) => <span className="num">{h.count}</span>,
          },
          {
            key: 'action',
            title: t('erasure.action'),
            tight: true,
            render: (h) => <Label tone={tones[actionOf(h)]}>{t(`erasure.action-of.${actionOf(h)}`)}</Label>,
          },
          {
            key: 'ground',
            title: t('erasure.law'),
            render: (h) => {
              const other = decided(h);
              return other ? other.reason : h.ground ? say(h.ground) : <span className="quiet">—</span>;
            },
          },
          ...(m.may.propose
            ? [
                {
                  key: 'change',
                  title: <span className="visually-hidden">{t('erasure.change')}</span>,
                  tight: true,
                  render: (h: Holding) => {
                    if (!h.source) return null;
                    const { source } = h;
                    return changed[source] ? (
                      <Button
                        size="small"
                        onClick={() =>
                          change(Object.fromEntries(Object.entries(changed).filter(([s]) => s !== source)))
                        }
                      >
                        {t('erasure.change-undo')}
                      </Button>
                    ) : (
                      <Button size="small" onClick={() => setAsking(h)}>
                        {h.action === 'keep' ? t('erasure.change-delete') : t('erasure.change-keep')}
                      </Button>
                    );
                  },
                },
              ]
            : []),
        ]}
      />
      <Reason
        of={asking}
        close={() => setAsking(undefined)}
        said={(reason) => {
          change({ ...changed, [asking!.source!]: { action: asking!.action === 'keep' ? 'delete' : 'keep', reason } });
          setAsking(undefined);
        }}
      />
    </>
  );
}

function Reason({
  of: h,
  close,
  said,
}: {
  of: Holding | undefined;
  close: () => void;
  said: (reason: string) => void;
}) {
  const { t, say } = useSpeech();
  const [reason, setReason] = useState('');
  const id = useId();
  return (
    <Modal
      open={h !== undefined}
      title={h ? `${say(h.title)}：${t(h.action === 'keep' ? 'erasure.change-delete' : 'erasure.change-keep')}` : ''}
      okButtonProps={{ disabled: reason.trim().length === 0 }}
      onOk={() => {
        said(reason.trim());
        setReason('');
      }}
      onCancel={close}
      destroyOnHidden
    >
      <label htmlFor={id}>{t('erasure.reason')}</label>
      <Input.TextArea id={id} rows={3} maxLength={500} value={reason} onChange={(e) => setReason(e.target.value)} />
    </Modal>
  );
}
