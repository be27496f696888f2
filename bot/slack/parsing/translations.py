"""Words for help, for switching off and for opting out, in the languages that the embedded model reads."""

import re
import unicodedata

from bot.slack.parsing.request import command_words

# By language: help; switching off; opting out. Words that are more often a text of their own are left out.
_TABLE = """
en: help; off, stop, disable, deactivate, unsubscribe; count me out, leave me be, no consent, i do not consent,
  i don't consent, delete my data, remove my data, forget my data, delete my messages, no tracking, no analysis
ko: 도움말, 도움, 사용법; 꺼, 꺼줘, 끄기, 끄다, 중지, 중단, 정지, 해제, 그만; 옵트아웃, 수신거부, 거부, 분석 거부, 탈퇴,
  빼줘, 나 빼줘, 저 빼주세요, 읽지 마, 내 메시지 읽지 마, 나를 분석하지 마, 저를 분석하지 마세요
ja: ヘルプ, 使い方; オフ, 停止, 止めて, やめて, 中止, 解除; オプトアウト, 配信停止, 除外, 除外して,
  私を除外して, 分析しないで, 読まないで, 見ないで, 監視しないで, 私のメッセージを分析しないで
zh: 帮助, 幫助, 说明; 关, 关闭, 關閉, 停, 停止, 取消; 退出, 选择退出, 選擇退出, 退订, 不要分析我, 别分析我,
  不要分析我的消息, 别分析我的消息, 不要读我的消息, 别看我的消息, 排除我
ar: مساعدة, المساعدة; إيقاف, أوقف, توقف; انسحاب, إلغاء الاشتراك, لا تحلل رسائلي, لا تحللني, اتركني وشأني
cs: pomoc, nápověda; vypnout, vypni, zastavit, přestaň; odhlásit, odhlásit se, nesleduj mě, neanalyzuj mě,
  neanalyzuj moje zprávy, nech mě být
nl: hulp; uit, uitschakelen, stoppen, hou op; afmelden, uitschrijven, meld me af, analyseer mij niet,
  analyseer mijn berichten niet, laat me met rust
fi: apua, ohje; pois, lopeta; kieltäydy, peru tilaus, poista minut, älä analysoi minua, älä analysoi viestejäni,
  jätä minut rauhaan
fr: aide; arrêt, arrête, arrêter, arrêtez, désactiver; désinscription, désinscrire, me désinscrire, désabonner,
  ne m'analyse pas, n'analyse pas mes messages, n'analysez pas mes messages, laisse-moi tranquille
de: hilfe; aus, stopp, aufhören, hör auf, abschalten, ausschalten; abmelden, austragen, abbestellen, ich widerspreche,
  nicht analysieren, analysiere mich nicht, analysiere meine nachrichten nicht, lass mich in ruhe
hi: मदद, सहायता; बंद, बंद करो, रोको; ऑप्ट आउट, मुझे हटाओ, मेरे संदेश मत पढ़ो, मेरा विश्लेषण मत करो
id: bantuan; matikan, berhenti, hentikan; keluar, berhenti berlangganan, jangan analisis saya,
  jangan analisis pesan saya, jangan baca pesan saya
it: aiuto; spegni, ferma, fermati, basta, disattiva, smettila; disiscrivimi, escludimi, non analizzarmi,
  non analizzare i miei messaggi, lasciami in pace
pl: pomoc; wyłącz, zatrzymaj, przestań; wypisz mnie, rezygnuję, nie analizuj mnie, nie analizuj moich wiadomości,
  zostaw mnie w spokoju
pt: ajuda; desligar, desliga, parar, pare, desativar; descadastrar, cancelar inscrição, me exclua, não me analise,
  não analise minhas mensagens, me deixe em paz
ro: ajutor; oprit, oprește; dezabonare, dezabonează-mă, nu mă analiza, nu analiza mesajele mele, lasă-mă în pace
ru: помощь, справка; выкл, выключить, выключи, отключить, стоп, хватит, прекрати; отписаться, отпиши меня, исключи меня,
  не анализируй меня, не анализируй мои сообщения, не читай мои сообщения, оставь меня в покое
es: ayuda; apagar, apaga, parar, detener, desactivar, basta; darme de baja, cancelar suscripción, exclúyeme,
  no me analices, no analices mis mensajes, no leas mis mensajes, déjame en paz
sv: hjälp; av, stäng av, stoppa, sluta; avregistrera, avregistrera mig, avanmäl mig, analysera mig inte,
  analysera inte mina meddelanden, lämna mig i fred
tr: yardım; kapat, kapalı, durdur; abonelikten çık, beni çıkar, beni analiz etme, mesajlarımı analiz etme,
  mesajlarımı okuma, beni rahat bırak
vi: trợ giúp; tắt, dừng, dừng lại, ngừng; hủy đăng ký, từ chối, đừng phân tích tôi, đừng phân tích tin nhắn của tôi,
  để tôi yên
"""


def folded(text: str) -> str:
    """Return the letters of a text, without accents and spaces: "labas" for "Là bas !"."""
    decomposed = unicodedata.normalize("NFKD", command_words(text).replace(" ", ""))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _column(number: int) -> frozenset[str]:
    entries = re.split(r"\n(?=\w\w: )", _TABLE.strip())
    return frozenset(folded(phrase) for entry in entries for phrase in entry[3:].split(";")[number].split(","))


_HELP, _OFF, _OPT_OUT = (_column(number) for number in range(3))


def means_help(text: str) -> bool:
    """Return whether a text is a word for help."""
    return folded(text) in _HELP


def means_off(text: str) -> bool:
    """Return whether a text is a word for switching off."""
    return folded(text) in _OFF


def means_opt_out(text: str) -> bool:
    """Return whether a text is a phrase for opting out."""
    return folded(text) in _OPT_OUT
