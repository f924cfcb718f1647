/** Deputies and leave: a head names who decides for a period. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, Input, Select } from 'antd';
import dayjs from 'dayjs';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

export default function Deputies() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const all = useQuery({
    queryKey: ['sharing', 'deputies'],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/deputies', { signal }),
  });
  const end = useMutation({
    mutationFn: (id: number) => api.delete('/api/v1/sharing/deputies/{id}', { params: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['sharing'] }),
  });
  return (
    <Page title={t('titles.sharing-deputies')} lead={t('sharing.deputies-lead')}>
      <Loaded query={all}>
        {(data) => (
          <div className="stack">
            {data.colleagues.length ? <NewDeputy colleagues={data.colleagues} /> : null}
            <Panel title={t('titles.sharing-deputies')}>
              {end.isError ? <Failure error={end.error} /> : null}
              <DataTable
                caption={t('titles.sharing-deputies')}
                rows={data.items}
                rowKey={(row) => row.id}
                empty={<Empty title={t('sharing.deputies-empty')} />}
                columns={[
                  { key: 'deputy', title: t('sharing.deputy'), head: true, render: (row) => row.deputy },
                  { key: 'head', title: t('sharing.head'), render: (row) => row.head },
                  {
                    key: 'days',
                    title: t('sharing.deputy-days'),
                    tight: true,
                    render: (row) => (
                      <span className="num">
                        {day(row.from)} – {day(row.to)}
                      </span>
                    ),
                  },
                  { key: 'reason', title: t('sharing.reason'), render: (row) => row.reason },
                  {
                    key: 'state',
                    title: t('sharing.state'),
                    tight: true,
                    render: (row) => (
                      <Label tone={row.state === 'now' ? 'good' : undefined}>
                        {t(`sharing.deputy-state.${row.state}`)}
                      </Label>
                    ),
                  },
                  {
                    key: 'end',
                    title: '',
                    tight: true,
                    render: (row) =>
                      row.state === 'now' || row.state === 'coming' ? (
                        <Button size="small" loading={end.isPending} onClick={() => end.mutate(row.id)}>
                          {t('sharing.deputy-end')}
                        </Button>
                      ) : null,
                  },
                ]}
              />
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function NewDeputy({ colleagues }: { colleagues: readonly { login: string; name: string }[] }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [deputy, setDeputy] = useState<string>();
  const [days, setDays] = useState<[string, string]>();
  const [reason, setReason] = useState('');
  const name = useMutation({
    mutationFn: () =>
      api.post('/api/v1/sharing/deputies', { body: { deputy, from: days?.[0], to: days?.[1], reason: reason.trim() } }),
    onSuccess: () => {
      message.success(t('sharing.done'));
      setReason('');
      return client.invalidateQueries({ queryKey: ['sharing'] });
    },
  });
  return (
    <Panel title={t('sharing.deputy-new')}>
      <div className="stack-s" style={{ maxWidth: 480 }}>
        <label htmlFor={`${id}-d`}>{t('sharing.deputy')}</label>
        <Select
          id={`${id}-d`}
          aria-label={t('sharing.deputy')}
          value={deputy ?? null}
          onChange={setDeputy}
          options={colleagues.map((c) => ({ value: c.login, label: `${c.name}（${c.login}）` }))}
        />
        <label htmlFor={`${id}-p`}>{t('sharing.deputy-days')}</label>
        <DatePicker.RangePicker
          id={{ start: `${id}-p`, end: `${id}-e` }}
          value={days ? [dayjs(days[0]), dayjs(days[1])] : null}
          onChange={(next) =>
            setDays(next?.[0] && next[1] ? [next[0].format('YYYY-MM-DD'), next[1].format('YYYY-MM-DD')] : undefined)
          }
        />
        <label htmlFor={`${id}-r`}>{t('sharing.reason')}</label>
        <Input id={`${id}-r`} maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
        {name.isError ? <Failure error={name.error} /> : null}
        <div>
          <Button
            type="primary"
            loading={name.isPending}
            disabled={!deputy || !days || reason.trim().length < 2}
            onClick={() => name.mutate()}
          >
            {t('sharing.deputy-new')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
