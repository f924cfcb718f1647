/** The texts as data, gathered from one file per area and language. */

import enAlerts from './en/alerts.json' with { type: 'json' };
import enArchives from './en/archives.json' with { type: 'json' };
import enAssess from './en/assess.json' with { type: 'json' };
import enAssessment from './en/assessment.json' with { type: 'json' };
import enBackups from './en/backups.json' with { type: 'json' };
import enBase from './en/base.json' with { type: 'json' };
import enCatalogue from './en/catalogue.json' with { type: 'json' };
import enCockpits from './en/cockpits.json' with { type: 'json' };
import enCommand from './en/command.json' with { type: 'json' };
import enCommon from './en/common.json' with { type: 'json' };
import enCorrect from './en/correct.json' with { type: 'json' };
import enCredit from './en/credit.json' with { type: 'json' };
import enEconomy from './en/economy.json' with { type: 'json' };
import enElements from './en/elements.json' with { type: 'json' };
import enEntries from './en/entries.json' with { type: 'json' };
import enErasure from './en/erasure.json' with { type: 'json' };
import enEvents from './en/events.json' with { type: 'json' };
import enExchange from './en/exchange.json' with { type: 'json' };
import enForms from './en/forms.json' with { type: 'json' };
import enFrame from './en/frame.json' with { type: 'json' };
import enGateway from './en/gateway.json' with { type: 'json' };
import enKeys from './en/keys.json' with { type: 'json' };
import enLinkage from './en/linkage.json' with { type: 'json' };
import enLists from './en/lists.json' with { type: 'json' };
import enMap from './en/map.json' with { type: 'json' };
import enNotices from './en/notices.json' with { type: 'json' };
import enOpendata from './en/opendata.json' with { type: 'json' };
import enOperations from './en/operations.json' with { type: 'json' };
import enOverview from './en/overview.json' with { type: 'json' };
import enPeers from './en/peers.json' with { type: 'json' };
import enPeople from './en/people.json' with { type: 'json' };
import enRefinery from './en/refinery.json' with { type: 'json' };
import enRisk from './en/risk.json' with { type: 'json' };
import enSensing from './en/sensing.json' with { type: 'json' };
import enSharing from './en/sharing.json' with { type: 'json' };
import enSubscriptions from './en/subscriptions.json' with { type: 'json' };
import enSystem from './en/system.json' with { type: 'json' };
import enTerms from './en/terms.json' with { type: 'json' };
import enThemes from './en/themes.json' with { type: 'json' };
import enTitles from './en/titles.json' with { type: 'json' };
import enTrust from './en/trust.json' with { type: 'json' };
import enVerify from './en/verify.json' with { type: 'json' };
import enWorkbench from './en/workbench.json' with { type: 'json' };
import zhAlerts from './zh/alerts.json' with { type: 'json' };
import zhArchives from './zh/archives.json' with { type: 'json' };
import zhAssess from './zh/assess.json' with { type: 'json' };
import zhAssessment from './zh/assessment.json' with { type: 'json' };
import zhBackups from './zh/backups.json' with { type: 'json' };
import zhBase from './zh/base.json' with { type: 'json' };
import zhCatalogue from './zh/catalogue.json' with { type: 'json' };
import zhCockpits from './zh/cockpits.json' with { type: 'json' };
import zhCommand from './zh/command.json' with { type: 'json' };
import zhCommon from './zh/common.json' with { type: 'json' };
import zhCorrect from './zh/correct.json' with { type: 'json' };
import zhCredit from './zh/credit.json' with { type: 'json' };
import zhEconomy from './zh/economy.json' with { type: 'json' };
import zhElements from './zh/elements.json' with { type: 'json' };
import zhEntries from './zh/entries.json' with { type: 'json' };
import zhErasure from './zh/erasure.json' with { type: 'json' };
import zhEvents from './zh/events.json' with { type: 'json' };
import zhExchange from './zh/exchange.json' with { type: 'json' };
import zhForms from './zh/forms.json' with { type: 'json' };
import zhFrame from './zh/frame.json' with { type: 'json' };
import zhGateway from './zh/gateway.json' with { type: 'json' };
import zhKeys from './zh/keys.json' with { type: 'json' };
import zhLinkage from './zh/linkage.json' with { type: 'json' };
import zhLists from './zh/lists.json' with { type: 'json' };
import zhMap from './zh/map.json' with { type: 'json' };
import zhNotices from './zh/notices.json' with { type: 'json' };
import zhOpendata from './zh/opendata.json' with { type: 'json' };
import zhOperations from './zh/operations.json' with { type: 'json' };
import zhOverview from './zh/overview.json' with { type: 'json' };
import zhPeers from './zh/peers.json' with { type: 'json' };
import zhPeople from './zh/people.json' with { type: 'json' };
import zhRefinery from './zh/refinery.json' with { type: 'json' };
import zhRisk from './zh/risk.json' with { type: 'json' };
import zhSensing from './zh/sensing.json' with { type: 'json' };
import zhSharing from './zh/sharing.json' with { type: 'json' };
import zhSubscriptions from './zh/subscriptions.json' with { type: 'json' };
import zhSystem from './zh/system.json' with { type: 'json' };
import zhTerms from './zh/terms.json' with { type: 'json' };
import zhThemes from './zh/themes.json' with { type: 'json' };
import zhTitles from './zh/titles.json' with { type: 'json' };
import zhTrust from './zh/trust.json' with { type: 'json' };
import zhVerify from './zh/verify.json' with { type: 'json' };
import zhWorkbench from './zh/workbench.json' with { type: 'json' };

export const resources = {
  zh: {
    backups: zhBackups,
    keys: zhKeys,
    base: zhBase,
    archives: zhArchives,
    assess: zhAssess,
    catalogue: zhCatalogue,
    common: zhCommon,
    correct: zhCorrect,
    credit: zhCredit,
    economy: zhEconomy,
    entries: zhEntries,
    elements: zhElements,
    exchange: zhExchange,
    frame: zhFrame,
    linkage: zhLinkage,
    gateway: zhGateway,
    subscriptions: zhSubscriptions,
    notices: zhNotices,
    opendata: zhOpendata,
    people: zhPeople,
    erasure: zhErasure,
    peers: zhPeers,
    forms: zhForms,
    assessment: zhAssessment,
    map: zhMap,
    sensing: zhSensing,
    alerts: zhAlerts,
    risk: zhRisk,
    events: zhEvents,
    command: zhCommand,
    cockpits: zhCockpits,
    workbench: zhWorkbench,
    lists: zhLists,
    operations: zhOperations,
    overview: zhOverview,
    refinery: zhRefinery,
    sharing: zhSharing,
    system: zhSystem,
    terms: zhTerms,
    themes: zhThemes,
    titles: zhTitles,
    trust: zhTrust,
    verify: zhVerify,
  },
  en: {
    backups: enBackups,
    keys: enKeys,
    base: enBase,
    archives: enArchives,
    assess: enAssess,
    catalogue: enCatalogue,
    common: enCommon,
    correct: enCorrect,
    credit: enCredit,
    economy: enEconomy,
    entries: enEntries,
    elements: enElements,
    exchange: enExchange,
    frame: enFrame,
    linkage: enLinkage,
    gateway: enGateway,
    subscriptions: enSubscriptions,
    notices: enNotices,
    opendata: enOpendata,
    people: enPeople,
    erasure: enErasure,
    peers: enPeers,
    forms: enForms,
    assessment: enAssessment,
    map: enMap,
    sensing: enSensing,
    alerts: enAlerts,
    risk: enRisk,
    events: enEvents,
    command: enCommand,
    cockpits: enCockpits,
    workbench: enWorkbench,
    lists: enLists,
    operations: enOperations,
    overview: enOverview,
    refinery: enRefinery,
    sharing: enSharing,
    system: enSystem,
    terms: enTerms,
    themes: enThemes,
    titles: enTitles,
    trust: enTrust,
    verify: enVerify,
  },
};
