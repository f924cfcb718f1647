/** What an act on organisations affects; here the security administrator confirms it, and either administrator takes it back. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import type { Act } from './organisations.tsx';
import { HeldTable, Roles, useNames } from './shared.tsx';

type EffectsView = Answer<'/api/v1/people/organisations/acts/{id}/effects'>;

export function ActEffects({ of: act, title, onClose }: { of: Act; title: string; onClose: () => void }) {
  const { t } = useSpeech();
  const { may, me } = useSession();
  const client = useQueryClient();
  const params = { id: act.id };
  const view = useQuery({
    queryKey: ['people', 'effects', act.id],
    queryFn: ({ signal }) => api.get('/api/v1/people/organisations/acts/{id}/effects', { params, signal }),
    gcTime: 0,
  });
  const after = async () => {
    await client.invalidateQueries({ queryKey: ['people'] });
    onClose();
  };
  const confirm = useMutation({
    mutationFn: (fingerprint: string) =>
      api.post('/api/v1/people/organisations/acts/{id}/confirm', { params, body: { fingerprint } }),
    onSuccess: after,
    onError: () => view.refetch(),
  });
  const withdraw = useMutation({
    mutationFn: () => api.post('/api/v1/people/organisations/acts/{id}/withdraw', { params }),
    onSuccess: after,
  });
  const open = act.state === 'proposed' || act.state === 'confirmed';
  return (
    <Modal
      open
      width={860}
      title={`${t(`people.org.kind-of.${act.kind}`)} · ${title}`}
      onCancel={onClose}
      footer={[
        <Button key="close" onClick={onClose}>
          {t('common.close')}
        </Button>,
        ...(open
          ? [
              <Button key="back" danger loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
                {t('people.org.withdraw')}
              </Button>,
            ]
          : []),
        ...(act.state === 'proposed' && may('roles.manage') && me.user.login !== act.proposedBy
          ? [
              <Button
                key="ok"
                type="primary"
                disabled={!view.data}
                loading={confirm.isPending}
                onClick={() => view.data && confirm.mutate(view.data.fingerprint)}
              >
                {t('people.org.confirm')}
              </Button>,
            ]
          : []),
      ]}
    >
      <div className="stack">
        {confirm.isError ? <Failure error={confirm.error} /> : null}
        {withdraw.isError ? <Failure error={withdraw.error} /> : null}
        <Loaded query={view}>{(data) => <Effects of={data} />}</Loaded>
      </div>
    </Modal>
  );
}

/** Accounts that go over, heads afterwards, what stays under the former code. */
export function Effects({ of: data }: { of: EffectsView }) {
  const { t } = useSpeech();
  const { nameOf } = useNames();
  return (
    <div className="stack">
      <section className="stack-s">
        <h3>{t('people.org.moves', { n: data.accounts.length })}</h3>
        {data.accounts.length ? (
          <DataTable
            caption={t('people.org.moves', { n: data.accounts.length })}
            rows={data.accounts}
            rowKey={(row) => row.login}
            columns={[
              {
                key: 'who',
                title: t('frame.account.name'),
                head: true,
                render: (row) => (
                  <>
                    {row.name} <span className="mono small quiet">{row.login}</span>
                  </>
                ),
              },
              { key: 'roles', title: t('frame.account.roles'), render: (row) => <Roles of={row.roles} /> },
              {
                key: 'to',
                title: t('people.org.to'),
                render: (row) => `${nameOf(row.from)} → ${row.to ? nameOf(row.to) : t('people.org.nobody')}`,
              },
            ]}
          />
        ) : (
          <p className="small quiet">{t('people.org.no-moves')}</p>
        )}
        {data.heads
          .filter((h) => h.before !== h.after)
          .map((h) => (
            <p key={h.organisation} className="small">
              {t('people.org.heads', { name: nameOf(h.organisation), before: h.before, after: h.after })}
            </p>
          ))}
        {data.delegations > 0 ? <p className="small">{t('people.org.delegations', { n: data.delegations })}</p> : null}
      </section>
      {data.stays.map((s) => (
        <section key={s.organisation} className="stack-s">
          <h3>{t('people.org.stays', { name: nameOf(s.organisation) })}</h3>
          <p className="small quiet">{t('people.org.stays-lead')}</p>
          <HeldTable
            of={s.held}
            caption={t('people.org.stays', { name: nameOf(s.organisation) })}
            empty={t('people.org.stays-none')}
          />
        </section>
      ))}
    </div>
  );
}
