/** The certificate of an erasure: seen, printed, downloaded, and held against a number by who may. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { api } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Fact, Facts, Label, Panel } from '../../components/page.tsx';
import { Loaded, problemOf } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash, Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import type { Matter } from './shared.tsx';

type Two = { zh: string; en: string };
interface Place {
  room: string;
  place: string;
  title: Two;
  count: number;
  action?: 'delete' | 'blank' | 'none';
  ground?: Two | null;
}
interface Text {
  law: string;
  subject: { digest: string };
  deleted: Place[];
  kept: Place[];
  vault: { destroyed: number; kept: number };
  searched: { storeTables: number; lakeTables: number; found: number } | null;
}

export function Certificate({ of: m }: { of: Matter }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const path = `/api/v1/erasure/matters/${m.id}/certificate`;
  const newest = m.certificates[0]!;
  const text = useQuery({
    queryKey: ['erasure', 'certificate', m.id, newest.revision],
    queryFn: async ({ signal }) => {
      const answer = await fetch(path, { signal, credentials: 'same-origin' });
      if (!answer.ok) throw new Error(String(answer.status));
      return (await answer.json()) as Text;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Panel
      title={t('erasure.certificate')}
      extra={
        <>
          <Button size="small" onClick={() => window.print()}>
            {t('erasure.print')}
          </Button>
          <Button
            size="small"
            onClick={() => download(path).catch((error: unknown) => void message.error(say(problemOf(error).title)))}
          >
            {t('erasure.download')}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p className="quiet">{t('erasure.certificate-lead')}</p>
        <Loaded query={text}>
          {(c) => (
            <div className="stack">
              <Facts>
                <Fact label={t('erasure.certificates')}>
                  {m.certificates.map((r) => (
                    <div key={r.revision}>
                      {t('erasure.revision', { n: r.revision })} <Instant at={r.at} />{' '}
                      <Label tone={r.sealed ? 'good' : 'info'}>
                        {t(r.sealed ? 'erasure.sealed' : 'erasure.sealing')}
                      </Label>
                    </div>
                  ))}
                </Fact>
                <Fact label={t('erasure.law')}>{c.law}</Fact>
                <Fact label="SHA-256">
                  <Hash value={newest.sha256} />
                </Fact>
                <Fact label={t('erasure.step-of.vault')}>
                  <span className="num">{c.vault.destroyed}</span>
                </Fact>
                {c.searched ? (
                  <Fact label={t('erasure.step-of.search')}>
                    {t('erasure.searched', {
                      tables: c.searched.storeTables + c.searched.lakeTables,
                      found: c.searched.found,
                    })}
                  </Fact>
                ) : null}
              </Facts>
              <DataTable
                caption={t('erasure.certificate')}
                rows={[...c.deleted, ...c.kept.map((k) => ({ ...k, action: 'keep' as const }))]}
                rowKey={(p) => `${p.room}/${p.place}`}
                columns={[
                  { key: 'place', title: t('erasure.place'), head: true, render: (p) => say(p.title) },
                  {
                    key: 'n',
                    title: t('erasure.records'),
                    align: 'end',
                    tight: true,
                    render: (p) => <span className="num">{p.count}</span>,
                  },
                  {
                    key: 'action',
                    title: t('erasure.action'),
                    tight: true,
                    render: (p) => t(`erasure.action-of.${p.action ?? 'delete'}`),
                  },
                  { key: 'ground', title: t('erasure.law'), render: (p) => (p.ground ? say(p.ground) : '—') },
                ]}
              />
            </div>
          )}
        </Loaded>
        {may('erasure.handle') ? <Check id={m.id} /> : null}
      </div>
    </Panel>
  );
}

function Check({ id }: { id: number }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const check = useMutation({
    mutationFn: (number: string) =>
      api.post('/api/v1/erasure/matters/{id}/check', { params: { id }, body: { number } }),
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  return (
    <Form layout="vertical" autoComplete="off">
      <Form.Item
        name="number"
        label={t('erasure.check')}
        extra={t('erasure.check-note')}
        rules={[{ required: true, min: 15, message: t('erasure.number-wrong') }]}
      >
        <Input.Search
          className="mono"
          maxLength={40}
          autoComplete="off"
          enterButton={t('erasure.check')}
          loading={check.isPending}
          onSearch={(value) => value.length >= 15 && check.mutate(value)}
        />
      </Form.Item>
      {check.data ? (
        <p role="status">
          <Label tone={check.data.matches ? 'good' : 'warn'}>
            {t(check.data.matches ? 'erasure.check-yes' : 'erasure.check-no')}
          </Label>
        </p>
      ) : null}
    </Form>
  );
}
