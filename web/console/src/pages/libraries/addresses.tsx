/** 地址解析: one address taken apart and found among the standard addresses, or a file of them. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Form, Input } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { AddressFile } from './address-file.tsx';
import { SketchMap } from './map.tsx';

type Found = Answer<'/api/v1/libraries/addresses/look-up', 'post'>;

export default function Addresses() {
  const { t } = useSpeech();
  const asked = useMutation({
    mutationFn: (text: string) => api.post('/api/v1/libraries/addresses/look-up', { body: { text } }),
  });
  return (
    <Page title={t('titles.addresses')} lead={t('base.address-lead')}>
      <div className="stack">
        <div className="panel panel-body">
          <Form
            layout="vertical"
            requiredMark={false}
            onFinish={(values: { text: string }) => asked.mutate(values.text.trim())}
          >
            <Form.Item
              name="text"
              label={t('base.address')}
              rules={[{ required: true, min: 2, message: t('base.address-short') }]}
            >
              <Input.TextArea
                maxLength={300}
                autoSize={{ minRows: 1, maxRows: 3 }}
                placeholder={t('base.address-example')}
              />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={asked.isPending}>
              {t('base.address-read')}
            </Button>
          </Form>
        </div>
        {asked.isError ? <Failure error={asked.error} /> : asked.data ? <Result data={asked.data} /> : null}
        <AddressFile />
      </div>
    </Page>
  );
}

function Result({ data }: { data: Found }) {
  const { t, say } = useSpeech();
  const building = data.building;
  const map = useQuery({
    queryKey: ['libraries', 'base', 'building', 'map', String(building?.entity)],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/base/{library}/entities/{entity}/map', {
        params: { library: 'building', entity: String(building?.entity) },
        signal,
      }),
    enabled: building !== null,
  });
  return (
    <Panel
      title={t('base.address-result')}
      extra={
        <Label tone={building ? 'good' : data.candidates.length > 0 ? 'warn' : undefined}>
          {t(`base.level.${data.level}`)}
          {building ? ` · ${t('base.address-score', { n: percent(data.score, 0) })}` : ''}
        </Label>
      }
    >
      <div className="stack-s">
        <div className="elements">
          {data.elements
            .filter((e) => e.text.trim() !== '')
            .map((e, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the elements of one text never change their order
              <span key={`${e.label} ${i}`}>
                <small>{say(e.title)}</small>
                {e.text}
              </span>
            ))}
        </div>
        <Facts>
          <Fact label={t('base.address-normal')} wide>
            {data.normal}
          </Fact>
          {building ? (
            <>
              <Fact label={t('base.address-standard')} wide>
                <Link
                  to="/libraries/$library/$entity"
                  params={{ library: 'building', entity: String(building.entity) } as never}
                >
                  {data.standard ?? building.address}
                </Link>
              </Fact>
              <Fact label={t('base.address-code')}>
                <span className="mono">{building.code}</span>
              </Fact>
              {building.longitude === null ? null : (
                <Fact label={t('base.position')}>
                  <span className="mono">
                    {building.longitude.toFixed(6)}, {building.latitude?.toFixed(6)}
                  </span>
                </Fact>
              )}
              {data.areas.map((area) => (
                <Fact key={area.kind} label={say(area.title)}>
                  <Link
                    to="/libraries/$library/$entity"
                    params={{ library: area.library, entity: String(area.entity) } as never}
                  >
                    {area.name ?? area.code}
                  </Link>
                </Fact>
              ))}
            </>
          ) : null}
        </Facts>
        {building ? null : data.candidates.length > 0 ? (
          <>
            <p className="quiet">{t('base.address-ambiguous', { n: data.candidates.length })}</p>
            <ul>
              {data.candidates.map((c) => (
                <li key={c.entity}>
                  <Link
                    to="/libraries/$library/$entity"
                    params={{ library: 'building', entity: String(c.entity) } as never}
                  >
                    {c.address ?? c.entity}
                  </Link>
                </li>
              ))}
            </ul>
          </>
        ) : (
          <p className="quiet">{t('base.address-none')}</p>
        )}
        {map.data?.own ? <SketchMap data={map.data} /> : null}
      </div>
    </Panel>
  );
}
