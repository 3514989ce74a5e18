"""The trees of spans that tasks leave: `tests.e2e.trees` says how they are to be read."""

from typing import Final

IMPORT: Final = """
gateway POST /api/v1/ingestion/imports
  gateway ingestion.create_import_job
    ingestion ingestion.create_import_job
      ingestion transaction ingestion
        ingestion create ingestion
          ingestion process ingest_telegram_messages_task
            ingestion get uploads
            ingestion transaction ingestion x2
            ingestion transaction ingestion
              ingestion create ingestion.completed
            ingestion transaction ingestion
              ingestion create ingestion.progress
              ingestion create scoring
                scoring process score_unscored_messages_task
                  scoring ingestion.get_texts
                    ingestion ingestion.get_texts
                      ingestion transaction ingestion
                  scoring transaction scoring
                    scoring create embedding
                      embedding process index_messages_task
                        embedding transaction embedding
                          embedding create embedding
                            embedding process embed_messages_batch_task
                              embedding embeddings e5-passage
                              embedding transaction embedding x5
                              embedding transaction embedding
                                embedding create analysis
                                  analysis process record_llm_calls_task
                                    analysis transaction analysis
                    scoring create knowledge
                      knowledge process consider_messages_task
                        knowledge transaction knowledge x2
                    scoring create scoring.batch_scored
            ingestion transaction ingestion
              ingestion create ingestion.started
  gateway ingestion.list_jobs
    ingestion ingestion.list_jobs
      ingestion transaction ingestion
  gateway put uploads
  gateway transaction gateway x…
"""
"""`ingest_telegram_messages_task` and `score_unscored_messages_task`: an export of one batch."""

UPDATE: Final = """
gateway POST /webhook/telegram
  gateway send ingestion
    ingestion process save_telegram_message
      ingestion transaction ingestion
        ingestion create ingestion
          ingestion process fetch_avatar_task (attempt 2)
            ingestion bot api getFile
            ingestion bot api getUserProfilePhotos
            ingestion bot api the download
            ingestion put avatars
            ingestion transaction ingestion x2
          ingestion process fetch_avatar_task (retrying)
            ingestion bot api getUserProfilePhotos (!)
            ingestion transaction ingestion
        ingestion create ingestion.message_updated
        ingestion create scoring
          scoring process score_message_task
            scoring transaction scoring
              scoring create embedding
                embedding process index_messages_task
                  embedding transaction embedding
                    embedding create embedding
                      embedding process embed_messages_batch_task
                        embedding embeddings e5-passage
                        embedding transaction embedding x5
                        embedding transaction embedding
                          embedding create analysis
                            analysis process record_llm_calls_task
                              analysis transaction analysis
              scoring create knowledge
                knowledge process consider_messages_task
                  knowledge transaction knowledge x2
              scoring create scoring.message_scored
"""
"""`save_telegram_message` and `score_message_task`; Telegram has the picture be fetched a second later."""

ECHO: Final = """
gateway POST /api/v1/tasks
  gateway send ingestion
    ingestion process process_message
  gateway transaction gateway x…
"""
"""`process_message`."""

EXTRACTION: Final = """
gateway POST /api/v1/knowledge/extractions
  gateway ingestion.list_chats
    ingestion ingestion.list_chats
      ingestion transaction ingestion
  gateway knowledge.start_extraction
    knowledge knowledge.start_extraction
      knowledge ingestion.list_messages
        ingestion ingestion.list_messages
          ingestion transaction ingestion
      knowledge scoring.get_scores
        scoring scoring.get_scores
          scoring transaction scoring
      knowledge transaction knowledge x…
      knowledge transaction knowledge
        knowledge create knowledge
          knowledge process extract_knowledge_from_messages_task
            knowledge chat chat-model (llm.retry)
            knowledge embedding.find_neighbours x3
              embedding embedding.find_neighbours
                embedding embeddings e5-passage
                embedding transaction embedding x2
                embedding transaction embedding
                  embedding create analysis
                    analysis process record_llm_calls_task
                      analysis transaction analysis
            knowledge ingestion.get_messages
              ingestion ingestion.get_messages
                ingestion transaction ingestion
            knowledge transaction knowledge x…
            knowledge transaction knowledge
              knowledge create analysis
                analysis process record_llm_calls_task
                  analysis transaction analysis
            knowledge transaction knowledge
              knowledge create embedding
                embedding process embed_atoms_batch_task
                  embedding embeddings e5-passage
                  embedding transaction embedding x4
                  embedding transaction embedding
                    embedding create analysis
                      analysis process record_llm_calls_task
                        analysis transaction analysis
                  embedding transaction embedding
                    embedding knowledge.get_texts
                      knowledge knowledge.get_texts
                        knowledge transaction knowledge x…
              knowledge create embedding
                embedding process embed_topics_batch_task
                  embedding embeddings e5-passage
                  embedding transaction embedding x4
                  embedding transaction embedding
                    embedding create analysis
                      analysis process record_llm_calls_task
                        analysis transaction analysis
                  embedding transaction embedding
                    embedding knowledge.get_texts
                      knowledge knowledge.get_texts
                        knowledge transaction knowledge x…
              knowledge create knowledge.entity_changed x2
            knowledge transaction knowledge
              knowledge create knowledge.extraction_completed
            knowledge transaction knowledge
              knowledge create knowledge.extraction_started
  gateway transaction gateway x…
"""
"""`extract_knowledge_from_messages_task` and `embed_atoms_batch_task`; the model fails once."""

EMBEDDING: Final = """
gateway POST /api/v1/embeddings/messages
  gateway embedding.start_embedding
    embedding embedding.start_embedding
      embedding transaction embedding
        embedding create embedding
          embedding process embed_messages_batch_task
            embedding transaction embedding x4
  gateway transaction gateway x…
"""
"""`embed_messages_batch_task`, of messages that have their vectors already."""

ANALYSIS_RUN: Final = """
gateway POST /api/v1/runs
  gateway analysis.create_run
    analysis analysis.create_run
      analysis ingestion.measure_window
        ingestion ingestion.measure_window
          ingestion transaction ingestion
      analysis transaction analysis x…
  gateway transaction gateway x…
gateway POST /api/v1/runs/{run_id}/start
  gateway analysis.start_run
    analysis analysis.start_run
      analysis transaction analysis
        analysis create analysis
          analysis process execute_analysis_run
            analysis chat chat-model
            analysis embedding.embed_texts x2
              embedding embedding.embed_texts
                embedding embeddings e5-passage
                embedding transaction embedding
                embedding transaction embedding
                  embedding create analysis
                    analysis process record_llm_calls_task
                      analysis transaction analysis x…
            analysis embedding.embed_texts
              embedding embedding.embed_texts
                embedding transaction embedding
            analysis embedding.find_neighbours
              embedding embedding.find_neighbours
                embedding transaction embedding x2
            analysis ingestion.get_messages
              ingestion ingestion.get_messages
                ingestion transaction ingestion
            analysis ingestion.list_window
              ingestion ingestion.list_window
                ingestion transaction ingestion
            analysis knowledge.get_atoms
              knowledge knowledge.get_atoms
                knowledge transaction knowledge
            analysis knowledge.get_quoted_atoms
              knowledge knowledge.get_quoted_atoms
                knowledge transaction knowledge
            analysis scoring.get_scores
              scoring scoring.get_scores
                scoring transaction scoring
            analysis transaction analysis x…
            analysis transaction analysis
              analysis create analysis
                analysis process record_llm_calls_task
                  analysis transaction analysis x…
            analysis transaction analysis
              analysis create analysis.batch_completed
            analysis transaction analysis
              analysis create analysis.run_completed
        analysis create analysis.run_started
  gateway transaction gateway x…
"""
"""`execute_analysis_run`: made by one request, started by another."""

EXPERIMENT: Final = """
gateway POST /api/v1/experiments
  gateway analysis.create_experiment
    analysis analysis.create_experiment
      analysis ingestion.get_texts
        ingestion ingestion.get_texts
          ingestion transaction ingestion
      analysis knowledge.get_texts
        knowledge knowledge.get_texts
          knowledge transaction knowledge
      analysis knowledge.list_labels
        knowledge knowledge.list_labels
          knowledge transaction knowledge
      analysis knowledge.list_topics
        knowledge knowledge.list_topics
          knowledge transaction knowledge
      analysis transaction analysis x…
      analysis transaction analysis
        analysis create analysis
          analysis process execute_classification_experiment
            analysis chat chat-model x4
            analysis transaction analysis x…
            analysis transaction analysis x4
              analysis create analysis
                analysis process record_llm_calls_task
                  analysis transaction analysis x…
            analysis transaction analysis
              analysis create analysis.experiment_completed
            analysis transaction analysis
              analysis create analysis.experiment_progress
            analysis transaction analysis
              analysis create analysis.experiment_started
  gateway transaction gateway x…
"""
"""`execute_classification_experiment` of four messages."""

RETRY: Final = """
gateway POST /api/v1/tasks
  gateway send scoring
    scoring process score_message_task (attempt 2)
      scoring ingestion.get_texts
        ingestion ingestion.get_texts
          ingestion transaction ingestion
      scoring transaction scoring
        scoring create embedding
          embedding process index_messages_task
            embedding transaction embedding
        scoring create knowledge
          knowledge process consider_messages_task
            knowledge transaction knowledge x2
        scoring create scoring.message_scored
    scoring process score_message_task (retrying, !)
      scoring ingestion.get_texts
        ingestion ingestion.get_texts
          ingestion transaction ingestion
      scoring transaction scoring (!)
  gateway transaction gateway x…
"""
"""A task that fails and then succeeds."""

DEAD_LETTER: Final = """
gateway POST /api/v1/tasks
  gateway send ingestion
    gateway requeue score_message_task
      scoring process score_message_task
        scoring ingestion.get_texts
          ingestion ingestion.get_texts
            ingestion transaction ingestion
        scoring transaction scoring
          scoring create embedding
            embedding process index_messages_task
              embedding transaction embedding
          scoring create knowledge
            knowledge process consider_messages_task
              knowledge transaction knowledge x2
          scoring create scoring.message_scored
    ingestion process process_message
    scoring dead letter score_message_task (attempt 9, !)
      scoring transaction scoring
        scoring create tasks.dead_lettered
    scoring process score_message_task (attempt 9, dead, !)
      scoring ingestion.get_texts
        ingestion ingestion.get_texts
          ingestion transaction ingestion
      scoring transaction scoring (!)
  gateway transaction gateway x…
"""
"""A task that is given up, told of, sent again by a person, and succeeds."""
