/** Risk on the one map: a layer for every kind of object of every model, coloured by the score of now. */
import type { LayerDefinition } from '../map/index.ts';
import type { DeclaredModel } from './declaration.ts';

export const riskLayers = (models: readonly DeclaredModel[]): LayerDefinition[] =>
  models.flatMap(({ model: m }) =>
    m
      ? m.objects.map(
          (o): LayerDefinition => ({
            ...{
              id: `risk-${m.model}-${o.kind}`,
              title: { zh: `${m.title.zh}·${o.title.zh}`, en: `${m.title.en}: ${o.title.en}` },
              abstract: m.note,
            },
            ...{ group: 'risk', geometry: 'point', permission: 'risk.read', owner: 'yjgl', label: 'name' },
            fields: [
              { name: 'name', title: { zh: '名称', en: 'Name' } },
              { name: 'score', title: { zh: '风险值', en: 'Risk' }, type: 'decimal', tile: true },
              // How many live in one building is no matter of the map.
              ...(o.kind === 'building'
                ? []
                : [{ name: 'exposure', title: o.exposure.title, type: 'decimal' as const }]),
            ],
            ...{
              link: `/risk?model=${m.model}&kind=${o.kind}&chosen={id}`,
              zooms: o.kind === 'town' ? { min: 0, max: 22 } : { min: 11, max: 22 },
            },
            style: {
              draw: 'circle',
              size: o.kind === 'town' ? 14 : 5,
              colour: { steps: 'score', breaks: [5, 20, 40], ramp: 'bad' },
              ...(o.kind === 'town' ? { label: 'name', labelFrom: 9 } : {}),
            },
            source: {
              select: `SELECT id, name, lon, lat, ${o.kind === 'building' ? '' : 'exposure, '}round(score, 1) AS score FROM v.risk_v1 WHERE model = '${m.model}' AND kind = '${o.kind}' AND horizon = 0`,
              refresh: 60,
            },
          }),
        )
      : [],
  );
