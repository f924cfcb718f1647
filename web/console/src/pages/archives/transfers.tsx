/** Transfers between organisations: offered, checked again, taken with a receipt that both sides hold. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Modal, Select } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash, Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { ReasonModal } from './marks.tsx';

type Transfer = Answer<'/api/v1/archive-transfers'>['items'][number];
const tones = { checking: 'info', offered: 'warn', failed: 'bad', accepted: 'good', refused: undefined } as const;

export default function Transfers() {
  const { t, say } = useSpeech();
  const { me } = useSession();
  const client = useQueryClient();
  const [offering, setOffering] = useState(false);
  const [answering, setAnswering] = useState<{ row: Transfer; accept: boolean } | null>(null);
  const all = useQuery({
    queryKey: ['archives', 'transfers'],
    queryFn: ({ signal }) => api.get('/api/v1/archive-transfers', { signal }),
    refetchInterval: ({ state }) => (state.data?.items.some((i) => i.state === 'checking') ? 2_000 : false),
  });
  const changed = () => client.invalidateQueries({ queryKey: ['archives'] });
  return (
    <Page
      title={t('titles.archive-transfers')}
      lead={t('archives.transfers-lead')}
      actions={
        me.permissions.includes('archive.manage') ? (
          <Button type="primary" onClick={() => setOffering(true)}>
            {t('archives.offer')}
          </Button>
        ) : null
      }
    >
      <Loaded query={all}>
        {({ items }) => (
          <DataTable
            caption={t('titles.archive-transfers')}
            rows={items}
            rowKey={(row) => row.id}
            empty={<Empty title={t('archives.no-transfers')}>{t('archives.no-transfers-text')}</Empty>}
            columns={[
              {
                key: 'way',
                title: t('archives.from-to'),
                head: true,
                render: (row) => `${say(row.from.name)} → ${say(row.to.name)}`,
              },
              {
                key: 'state',
                title: t('archives.facet.state'),
                tight: true,
                render: (row) => <Label tone={tones[row.state]}>{t(`archives.transfer.${row.state}`)}</Label>,
              },
              {
                key: 'archives',
                title: t('archives.transferred'),
                render: (row) => (
                  <ul className="plain-list">
                    {row.archives.slice(0, 5).map((a) => (
                      <li key={a.id}>
                        <Link to="/archives/$archive" params={{ archive: String(a.id) } as never}>
                          {a.title ?? a.reference}
                        </Link>
                        {row.failed.includes(a.id) ? <Label tone="bad">{t('archives.outcome.failed')}</Label> : null}
                      </li>
                    ))}
                    {row.archives.length > 5 ? (
                      <li className="quiet">{t('common.total', { n: row.archives.length })}</li>
                    ) : null}
                  </ul>
                ),
              },
              {
                key: 'ground',
                title: t('archives.ground-title'),
                render: (row) => (
                  <>
                    {row.ground}
                    {row.reason ? <p className="small quiet">{row.reason}</p> : null}
                  </>
                ),
              },
              {
                key: 'receipt',
                title: t('archives.receipt'),
                render: (row) =>
                  row.receipt ? (
                    <>
                      <Hash value={row.receipt.sha256} />
                      <p className="small quiet">
                        {row.receipt.givenBy} → {row.receipt.takenBy} <Instant at={row.receipt.at} />
                      </p>
                    </>
                  ) : (
                    '—'
                  ),
              },
              {
                key: 'actions',
                title: t('archives.actions'),
                tight: true,
                render: (row) =>
                  row.mayAnswer ? (
                    <span className="row" style={{ gap: 4, flexWrap: 'nowrap' }}>
                      <Button size="small" type="primary" onClick={() => setAnswering({ row, accept: true })}>
                        {t('archives.accept')}
                      </Button>
                      <Button size="small" onClick={() => setAnswering({ row, accept: false })}>
                        {t('archives.refuse')}
                      </Button>
                    </span>
                  ) : null,
              },
            ]}
          />
        )}
      </Loaded>
      {offering ? <Offer onClose={() => setOffering(false)} /> : null}
      {answering ? (
        <ReasonModal
          title={t(answering.accept ? 'archives.accept' : 'archives.refuse')}
          label={t('archives.decision-reason')}
          okText={t(answering.accept ? 'archives.accept' : 'archives.refuse')}
          optional={answering.accept}
          run={(reason) =>
            api.post('/api/v1/archive-transfers/{id}/answer', {
              params: { id: answering.row.id },
              body: { accept: answering.accept, ...(reason ? { reason } : {}) },
            })
          }
          onClose={() => setAnswering(null)}
          onDone={() => {
            setAnswering(null);
            void changed();
          }}
        />
      ) : null}
    </Page>
  );
}

/** Chooses archives of one organisation and where they go. */
function Offer({ onClose }: { onClose: () => void }) {
  const { t, say } = useSpeech();
  const id = useId();
  const client = useQueryClient();
  const [from, setFrom] = useState<string | null>(null);
  const [to, setTo] = useState<string | null>(null);
  const [chosen, setChosen] = useState<number[]>([]);
  const [ground, setGround] = useState('');
  const rules = useQuery({
    queryKey: ['archives', 'rules'],
    queryFn: ({ signal }) => api.get('/api/v1/archives/rules', { signal }),
    staleTime: 600_000,
  });
  const kept = useQuery({
    queryKey: ['archives', 'search', 'of', from],
    queryFn: ({ signal }) =>
      api.get('/api/v1/archives', { query: { organisation: from, state: 'preserved', size: 200 }, signal }),
    enabled: from !== null,
  });
  const offer = useMutation({
    mutationFn: () =>
      api.post('/api/v1/archive-transfers', { body: { archives: chosen, to: to!, ground: ground.trim() } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['archives'] });
      onClose();
    },
  });
  const organisations = (rules.data?.organisations ?? []).map((o) => ({ value: o.id, label: say(o.name) }));
  return (
    <Modal
      open
      width={640}
      title={t('archives.offer')}
      okText={t('archives.offer')}
      cancelText={t('common.cancel')}
      confirmLoading={offer.isPending}
      okButtonProps={{ disabled: chosen.length === 0 || to === null || to === from || ground.trim().length < 2 }}
      onOk={() => offer.mutate()}
      onCancel={onClose}
    >
      <div className="stack-s">
        <label htmlFor={`${id}-from`}>{t('archives.from-organisation')}</label>
        <Select
          id={`${id}-from`}
          showSearch={{ optionFilterProp: 'label' }}
          value={from}
          options={organisations}
          onChange={(value) => {
            setFrom(value);
            setChosen([]);
          }}
        />
        <label htmlFor={`${id}-what`}>{t('archives.transferred')}</label>
        <Select
          id={`${id}-what`}
          mode="multiple"
          showSearch={{ optionFilterProp: 'label' }}
          maxTagCount="responsive"
          loading={kept.isFetching}
          disabled={from === null}
          value={chosen}
          onChange={setChosen}
          options={(kept.data?.items ?? []).map((i) => ({ value: i.id, label: `${i.reference} ${i.title}` }))}
        />
        <label htmlFor={`${id}-to`}>{t('archives.to-organisation')}</label>
        <Select
          id={`${id}-to`}
          showSearch={{ optionFilterProp: 'label' }}
          value={to}
          options={organisations}
          onChange={setTo}
        />
        <label htmlFor={`${id}-ground`}>{t('archives.ground-title')}</label>
        <Input id={`${id}-ground`} maxLength={500} value={ground} onChange={(event) => setGround(event.target.value)} />
        {offer.isError ? <Failure error={offer.error} /> : null}
      </div>
    </Modal>
  );
}
