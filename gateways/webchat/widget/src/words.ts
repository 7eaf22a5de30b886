// Everything that the widget says by itself; refusals come from the gateway in the visitor's language.

const ENGLISH = {
  title: "Chat with us",
  open: "Open the chat",
  close: "Close the chat",
  unread: (count: number) => (count === 1 ? "1 new message" : `${count} new messages`),
  online: "We are in touch",
  connecting: "Connecting…",
  offline: "No connection. Trying again…",
  kept: "Your message is kept and will be sent when the connection is back.",
  stopped: "The chat is not available on this page.",
  greeting: "Hello! Write to us: we answer right here.",
  placeholder: "Write a message",
  send: "Send",
  messages: "Messages",
  you: "You",
  us: "Operator",
  bot: "Assistant",
  pending: "Waiting to be sent",
  sent: "Sent",
  failed: "Not sent",
  today: "Today",
  yesterday: "Yesterday",
  tooLong: (over: number) => `Too long by ${over}`,
};

const RUSSIAN: typeof ENGLISH = {
  title: "Напишите нам",
  open: "Открыть чат",
  close: "Закрыть чат",
  unread: (count: number) => `Новых сообщений: ${count}`,
  online: "Мы на связи",
  connecting: "Подключаемся…",
  offline: "Нет связи. Пробуем ещё раз…",
  kept: "Сообщение сохранено и уйдёт, когда связь вернётся.",
  stopped: "На этой странице чат недоступен.",
  greeting: "Здравствуйте! Напишите нам — ответим прямо здесь.",
  placeholder: "Напишите сообщение",
  send: "Отправить",
  messages: "Сообщения",
  you: "Вы",
  us: "Оператор",
  bot: "Помощник",
  pending: "Ждёт отправки",
  sent: "Отправлено",
  failed: "Не отправлено",
  today: "Сегодня",
  yesterday: "Вчера",
  tooLong: (over: number) => `Лишних знаков: ${over}`,
};

export type Words = typeof ENGLISH;

export function wordsFor(language: string): Words {
  return language.toLowerCase().startsWith("ru") ? RUSSIAN : ENGLISH;
}
